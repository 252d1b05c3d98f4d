import { byCodePoint } from "../../kernel/text.ts";
import type { Platform, ReleaseV1, RollbackConsequence } from "../../schema/types.gen.ts";
import { PLATFORMS } from "./platform.ts";
import { versionText } from "./release-path.ts";
import { compareReleases } from "./version-order.ts";

/** What the consequences of a move depend on. */
export type MovedRelease = Pick<ReleaseV1, "version" | "build" | "artifacts">;

/** One platform of a move. */
interface Move {
  readonly from: MovedRelease;
  readonly to: MovedRelease;
  readonly platform: Platform;
  /** Extension of the platform's files of `from`, in lower case, where all have the same. */
  readonly extension: string;
}

/** What clients that already updated do, and what moves them. */
interface Effect {
  readonly feed: string;
  readonly already_updated: string;
  readonly remedy: string;
}

/**
 * Says for each platform of two releases what a channel's move from one to the other does to new clients and to those that already
 * updated. Rows are for what the releases really have: files that people take from a page or by download.
 */
export function rollbackConsequences(from: MovedRelease, to: MovedRelease): readonly RollbackConsequence[] {
  const has = (platform: Platform) => filesOf(from, platform).length + filesOf(to, platform).length > 0;
  return PLATFORMS.filter(has).map((platform) => {
    const move: Move = { from, to, platform, extension: extensionOf(filesOf(from, platform)) };
    const { feed, already_updated, remedy } = effectOf(move);
    return { platform, feed, new_clients_get: newClientsGet(move), already_updated, remedy };
  });
}

function filesOf(release: MovedRelease, platform: Platform): MovedRelease["artifacts"] {
  return release.artifacts.filter((row) => row.platform === platform);
}

/** The release, and which variants of the one before it lacks. */
function newClientsGet({ from, to, platform }: Move): string {
  const there = filesOf(to, platform);
  if (there.length === 0) return `nothing: ${versionText(to)} has no file for ${platform}`;
  const has = new Set(there.map(({ variant }) => variant));
  const lost = filesOf(from, platform).flatMap(({ variant }) =>
    variant === null || has.has(variant) ? [] : [variant],
  );
  const without = [...new Set(lost)].toSorted(byCodePoint);
  return without.length === 0 ? versionText(to) : `${versionText(to)}, without ${without.join(", ")}`;
}

function effectOf(move: Move): Effect {
  const { from, to, platform } = move;
  if (filesOf(from, platform).length === 0) {
    return {
      feed: feedOf(platform),
      already_updated: `none: ${versionText(from)} has no file`,
      remedy: "nothing to do",
    };
  }
  if (compareReleases(to, from) > 0 && platform !== "web") {
    return {
      feed: feedOf(platform),
      already_updated: `stay until they install ${versionText(to)}`,
      remedy: "nothing to do",
    };
  }
  const { already_updated, remedy } = STEP_BACK[platform](move);
  return { feed: feedOf(platform), already_updated, remedy };
}

/** Files without an install page: a bundle for a store, and what is put on servers. */
const DOWNLOADED: ReadonlySet<Platform> = new Set(["android_aab", "generic", "web"]);

function feedOf(platform: Platform): string {
  return DOWNLOADED.has(platform) ? "download" : "page";
}

/** What an older version does to what is installed. Without an update feed nothing moves by itself. */
const STEP_BACK: Readonly<Record<Platform, (move: Move) => Omit<Effect, "feed">>> = {
  android_aab: ({ from }) => ({
    already_updated: "stay: Google Play refuses a lower versionCode",
    remedy: higher(from),
  }),
  android_apk: ({ from }) => ({ already_updated: "stay: Android refuses a lower versionCode", remedy: higher(from) }),
  generic: deployed,
  ios: () => ({ already_updated: "stay", remedy: "reinstall by hand" }),
  linux: ({ to, extension }) => ({ already_updated: "stay until told", remedy: linuxRemedy(extension, to) }),
  macos: ({ from, to, extension }) => ({
    already_updated: "stay",
    remedy: extension === "pkg" ? higher(from) : `replace the app by ${to.version}`,
  }),
  web: deployed,
  windows: ({ from, to, extension }) => windowsEffect(extension, from, to),
};

function deployed({ to }: Move): Omit<Effect, "feed"> {
  return { already_updated: "stay until deployed anew", remedy: `deploy ${to.version}` };
}

function linuxRemedy(extension: string, to: MovedRelease): string {
  switch (extension) {
    case "deb":
      return `apt install --allow-downgrades ./<file of ${to.version}>`;
    case "rpm":
      return `dnf downgrade ./<file of ${to.version}>`;
    default:
      return `replace it by ${to.version}`;
  }
}

/** Windows Installer stops where a newer product is there; App Installer takes no lower version of a package. */
function windowsEffect(extension: string, from: MovedRelease, to: MovedRelease): Omit<Effect, "feed"> {
  switch (extension) {
    case "msi":
      return {
        already_updated: "stay: Windows Installer keeps the newer product",
        remedy: `remove it, then install ${to.version}`,
      };
    case "msix":
      return { already_updated: "stay: Windows refuses a lower package version", remedy: higher(from) };
    default:
      return { already_updated: "stay", remedy: `install ${to.version} by hand` };
  }
}

/** The next version above one, where its numbers say which that is. */
function higher({ version }: MovedRelease): string {
  const numbers = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(version);
  return numbers === null
    ? `publish a version above ${version}`
    : `publish ${numbers[1]}.${numbers[2]}.${Number(numbers[3]) + 1}`;
}

function extensionOf(files: MovedRelease["artifacts"]): string {
  const all = new Set(files.map(({ filename }) => /\.([A-Za-z0-9]+)$/.exec(filename)?.[1]?.toLowerCase() ?? ""));
  const [only = ""] = all;
  return all.size === 1 ? only : "";
}
