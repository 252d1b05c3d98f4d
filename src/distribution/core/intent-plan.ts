import type { Act } from "../../kernel/act.ts";
import { type Reason, reason } from "../../kernel/errors.ts";
import { msOf } from "../../kernel/time.ts";
import type { ArtifactRow, ReleaseV1 } from "../../schema/types.gen.ts";
import { releaseKey, versionText } from "./release-path.ts";
import { type Request, requestedSet, setOf } from "./release-draft.ts";

/** How long an unfinished publish of another request is left alone. */
const LEFT_ALONE_MS = 60 * 60_000;

/** What lies at the path of a release, and what a publish does about it. */
export type Intent =
  /** Nothing is there, or what is there was given up: a new intent is recorded. */
  | { readonly is: "new"; readonly abandons: ReleaseV1 | null }
  /** The same files were recorded before and never published: go on. */
  | { readonly is: "resumed"; readonly release: ReleaseV1 }
  /** Published with the same files. */
  | { readonly is: "unmodified"; readonly release: ReleaseV1 }
  | { readonly is: "refused"; readonly reason: Reason };

/** Decides what a publish does about what is at its path. `at` is the manifest's name, for errors. */
export function judgeIntent(
  found: ReleaseV1 | undefined,
  request: Request,
  act: Pick<Act, "at" | "actor">,
  options: { readonly takeOver: boolean; readonly at: string },
): Intent {
  if (found === undefined) return { is: "new", abandons: null };
  const isSame = setOf(found.artifacts) === requestedSet(request);
  if (found.published_at !== null) {
    if (isSame && found.status === "published") return { is: "unmodified", release: found };
    return { is: "refused", reason: alreadyPublished(found, request, options.at) };
  }
  if (found.status === "abandoned") return { is: "new", abandons: null };
  if (isSame) return { is: "resumed", release: found };
  const ageMs = msOf(act.at) - msOf(found.created_at);
  if (ageMs >= LEFT_ALONE_MS || options.takeOver || isSameRequest(found, request, act))
    return { is: "new", abandons: found };
  return { is: "refused", reason: inProgress(found, ageMs) };
}

/** A job that died and was rebuilt is the same request: the same workflow run. */
function isSameRequest(found: ReleaseV1, { source }: Request, { actor }: Pick<Act, "actor">): boolean {
  if (found.source.run_url !== null && found.source.run_url === source.run_url) return true;
  return found.created_by.kind === "workflow" && actor.kind === "workflow" && found.created_by.id === actor.id;
}

function alreadyPublished(found: ReleaseV1, request: Request, manifest: string): Reason {
  const name = `${found.app_id} ${versionText(found)}`;
  const message = `${name} is published with other bytes; a release never changes`;
  const hint = "Raise version or build in dist.json and publish again";
  return reason(
    "dist.release.already_published",
    message,
    { release_id: found.id, ...differenceOf(found.artifacts, request, manifest) },
    hint,
  );
}

/** The first row that differs, both sides of it. */
function differenceOf(rows: readonly ArtifactRow[], { files }: Request, manifest: string): Reason["data"] {
  for (const { row, sha256 } of files) {
    const same = rows.find(
      (one) => one.platform === row.platform && one.variant === row.variant && one.filename === row.filename,
    );
    if (same?.sha256 === sha256) continue;
    const at = `${manifest}#${row.pointer}`;
    if (same === undefined) return { published: "(not there)", found: sha256, found_at: at };
    return { published: same.sha256, published_at: same.filename, found: sha256, found_at: at };
  }
  const missing = rows.find((one) => !files.some(({ sha256 }) => sha256 === one.sha256));
  return missing === undefined
    ? {}
    : { published: missing.sha256, published_at: missing.filename, found: "(not there)" };
}

function inProgress(found: ReleaseV1, ageMs: number): Reason {
  const name = `${found.app_id} ${versionText(found)}`;
  const minutes = Math.max(0, Math.floor(ageMs / 60_000));
  return reason(
    "dist.release.in_progress",
    `${name} is being published with other files since ${minutes} min by ${found.created_by.name}`,
    { release_id: found.id, created_at: found.created_at },
    "Wait until it ends, or give it up with --take-over",
  );
}

/** Refuses a version that differs from an existing one only by case: no file system could hold both. `names` are files of its folder. */
export function caseProblem(
  names: readonly string[],
  app: string,
  release: Pick<ReleaseV1, "version" | "build">,
): Reason | null {
  const wanted = `${releaseKey(app, release.version, release.build).name}.json`;
  const twin = names.find((name) => name !== wanted && name.toLowerCase() === wanted.toLowerCase());
  if (twin === undefined) return null;
  const message = `${app} ${versionText(release)} differs only by case from a release that is there`;
  return reason(
    "dist.release.name_taken",
    message,
    { found: twin.slice(0, -".json".length) },
    "Choose another version",
  );
}
