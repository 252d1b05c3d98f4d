import { type Refused, reason, refuse } from "../../kernel/errors.ts";
import { byCodePoint, printable } from "../../kernel/text.ts";
import type { DistManifestV1, ManifestArtifact, Platform } from "../../schema/types.gen.ts";
import type { ArtifactFacts } from "./artifact-facts.ts";
import { VERSION } from "./manifest-row.ts";
import { guessPlatform } from "./platform.ts";
import { variantOf, variantOfName } from "./variant.ts";

/** A file that a first manifest names. */
export interface ManifestFile {
  /** Relative to the manifest, `/` between names. */
  readonly path: string;
  /** Kind of its inspection. */
  readonly kind: string;
  readonly facts: ArtifactFacts;
}

/** What the user said; null where the files are to say it. */
export interface ManifestWish {
  readonly app: string | null;
  readonly version: string | null;
  readonly build: string | null;
  readonly channel: string | null;
}

/** A manifest, and a sentence for each value in it that nobody gave and no bytes say for certain. */
export interface FirstManifest {
  readonly manifest: DistManifestV1;
  readonly guessed: readonly string[];
}

/** Platforms whose files come in one form for all processors, or say themselves for which they are. */
const WITHOUT_VARIANT: ReadonlySet<Platform> = new Set(["android_aab", "ios", "web"]);

/** Last parts of ids that name no app. */
const NO_NAME = /^(?:android|app|client|debug|desktop|ios|mac|macos|main|mobile|release)$/i;

/** Makes a first manifest for files. Refuses with `usage.missing_argument` where the files do not say app or version. */
export function firstManifest(files: readonly ManifestFile[], wish: ManifestWish): FirstManifest | Refused {
  const guessed: string[] = [];
  const app = wish.app ?? agreed(files, ({ identity }) => (identity === null ? null : slugOf(identity)));
  const version = wish.version ?? agreed(files, ({ version: said }) => usable(said));
  const build = wish.build ?? agreed(files, ({ build: said }) => usable(said));
  const missing = [
    ...(typeof app === "string" ? [] : [missingReason("app", app)]),
    ...(typeof version === "string" ? [] : [missingReason("version", version)]),
  ];
  const [first, ...more] = missing;
  if (first !== undefined) return refuse(first, ...more);
  if (typeof app !== "string" || typeof version !== "string") throw new Error("What is missing was refused");
  if (wish.app === null) guessed.push(`app ${app}: from the identity of the files`);
  if (typeof build !== "string" && build.length > 0)
    guessed.push(`no build: the files name ${build.map((one) => printable(one, 40)).join(", ")}; --build sets one`);
  const artifacts = files.map((file, i) => rowOf(file, (text) => guessed.push(`artifacts/${i}/${text}`)));
  const manifest: DistManifestV1 = {
    app,
    version,
    ...(typeof build === "string" ? { build } : {}),
    ...(wish.channel === null ? {} : { channel: wish.channel }),
    artifacts,
  };
  return { manifest, guessed };
}

/** What all files that say something say; else everything they say, by code point. */
function agreed(
  files: readonly ManifestFile[],
  say: (facts: ArtifactFacts) => string | null,
): string | readonly string[] {
  const said = [...new Set(files.flatMap(({ facts }) => say(facts) ?? []))].toSorted(byCodePoint);
  const [first, ...more] = said;
  return first !== undefined && more.length === 0 ? first : said;
}

function usable(text: string | null): string | null {
  return text !== null && VERSION.takes(text) ? text : null;
}

/** `com.acme.notes.android` is `notes`: the last part that names something. */
function slugOf(identity: string): string | null {
  const parts = identity.split(".").filter((part) => part !== "");
  const name = parts.findLast((part) => !NO_NAME.test(part)) ?? identity;
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, "");
  return slug === "" ? null : slug;
}

function missingReason(name: "app" | "version", said: readonly string[]) {
  const found = said.map((one) => printable(one, 60));
  const why = found.length === 0 ? "none of the files says one" : `the files say ${found.join(", ")}`;
  return reason("usage.missing_argument", `Name the ${name}: ${why}`, { found }, `Add --${name}`);
}

function rowOf(file: ManifestFile, guess: (text: string) => void): ManifestArtifact {
  const filename = file.path.split("/").at(-1) ?? "";
  const platform = guessPlatform(file.kind, filename);
  // The bytes decided where the name changes nothing; an archive that no name explains is generic.
  if (platform === "generic") guess("platform generic: neither content nor name says more");
  else if (guessPlatform(file.kind, "") !== platform)
    guess(`platform ${platform}: from the name ${printable(filename)}`);
  const variant = variantFor(file, platform, filename, guess);
  return { platform, path: file.path, ...(variant === null ? {} : { variant }) };
}

function variantFor(
  { kind, facts }: ManifestFile,
  platform: Platform,
  filename: string,
  guess: (text: string) => void,
): string | null {
  if (WITHOUT_VARIANT.has(platform)) return null;
  const read = variantOf(facts.architectures);
  if (read !== null && kind !== "exe") return read;
  const named = variantOfName(filename);
  if (named !== null) guess(`variant ${named}: from the name ${printable(filename)}`);
  // An installer is often a program for older processors than what it installs.
  else if (read !== null) guess(`variant ${read}: from the program, which may install another`);
  return named ?? read;
}
