import { type Refused, reason, refuse } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { ArtifactRow, ReleaseV1 } from "../../schema/types.gen.ts";
import { versionText } from "./release-path.ts";

/** Which file of a release is wanted; null takes what there is, if it is one. */
export interface ArtifactChoice {
  readonly platform: string;
  readonly variant: string | null;
  readonly filename: string | null;
}

/** Most files that a refusal names. */
const MAX_NAMED = 20;

/** Chooses one file of a release. Refuses with the choices where none fits (`dist.artifact.not_found`) or several do (`usage.missing_argument`). */
export function chooseArtifact(release: ReleaseV1, choice: ArtifactChoice): ArtifactRow | Refused {
  const fits = release.artifacts.filter(
    ({ platform, variant, filename }) =>
      platform === choice.platform &&
      (choice.variant === null || variant === choice.variant) &&
      (choice.filename === null || filename === choice.filename),
  );
  const [only, another] = fits;
  if (only === undefined) return noneFits(release, choice);
  return another === undefined ? only : severalFit(release, fits);
}

function noneFits(release: ReleaseV1, { platform, variant, filename }: ArtifactChoice): Refused {
  const wanted = [platform, variant, filename]
    .flatMap((part) => (part === null ? [] : [printable(part, 80)]))
    .join(" ");
  const message = `${release.app_id} ${versionText(release)} has no file for ${wanted}`;
  const choices = namesOf(release.artifacts);
  return refuse(reason("dist.artifact.not_found", message, { wanted, choices }, `It has: ${choices.join(" · ")}`));
}

function severalFit(release: ReleaseV1, fits: readonly ArtifactRow[]): Refused {
  const choices = namesOf(fits);
  const byVariant = new Set(fits.map(({ variant }) => variant)).size === fits.length;
  const message = `${fits.length} files of ${release.app_id} ${versionText(release)} fit: ${choices.join(" · ")}`;
  return refuse(reason("usage.missing_argument", message, { choices }, byVariant ? "Add --variant" : "Add --file"));
}

function namesOf(rows: readonly ArtifactRow[]): readonly string[] {
  const names = rows.map(
    ({ platform, variant, filename }) => `${platform} ${variant ?? "-"} ${printable(filename, 80)}`,
  );
  return names.length <= MAX_NAMED ? names : [...names.slice(0, MAX_NAMED), `and ${names.length - MAX_NAMED} more`];
}
