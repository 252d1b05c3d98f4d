import type { Span } from "../kernel/markdown.ts";
import { absoluteText } from "../kernel/time.ts";
import type { DescribeOn, Line } from "../gate/page/description.ts";
import type { PointerSeen, ReleaseV1 } from "../schema/types.gen.ts";
import { channelNow } from "./pointers.ts";
import { channelNames } from "./wish.ts";

/** Channels that are looked at for where a release is. */
const MAX_CHANNELS = 30;

/** `owner/repo` as GitHub allows it. */
const REPOSITORY = /^[\w-]{1,39}\/[\w.-]{1,100}$/;

/** Says when a release was published; follows its version. */
export function publishedText(release: ReleaseV1 | null): string {
  const at = release?.published_at ?? null;
  return at === null ? "" : `, published ${at.slice(0, 10)}`;
}

/**
 * Says what a release was built from: commit, what was committed since another release, and the run. Facts name all of it, so a link
 * goes nowhere but to the forge that this page is on.
 */
export function sourceLine(on: DescribeOn, release: ReleaseV1, since: ReleaseV1 | null): Line {
  const { repository, commit, run_url: run } = release.source;
  const home = repositoryUrl(on, repository);
  const parts: (readonly Span[])[] = [];
  if (commit !== null) parts.push([commitSpan(on, release, home)]);
  const before = since?.source.repository === repository ? (since?.source.commit ?? null) : null;
  if (home !== null && commit !== null && before !== null && before !== commit)
    parts.push([{ link: `${home}/compare/${before}...${commit}`, text: "commits since" }]);
  const number = home === null || run === null ? null : runIn(run, home);
  if (run !== null && number !== null) parts.push(["built by ", { link: run, text: `run ${number}` }]);
  return parts.length === 0 ? ["not said"] : parts.flatMap((part, i) => (i === 0 ? part : [", ", ...part]));
}

function commitSpan({ forge }: DescribeOn, { source }: ReleaseV1, home: string | null): Span {
  const short = (source.commit ?? "").slice(0, 7);
  const text = source.repository === forge.name ? short : `${source.repository ?? "?"}@${short}`;
  return home === null ? { code: text } : { link: `${home}/commit/${source.commit ?? ""}`, text, isCode: true };
}

/** Address of a repository on the forge of this page; null for what is no repository's name. */
function repositoryUrl({ forge }: DescribeOn, repository: string | null): string | null {
  if (repository === null || !REPOSITORY.test(repository) || !forge.url.endsWith(`/${forge.name}`)) return null;
  return `${forge.url.slice(0, -forge.name.length)}${repository}`;
}

function runIn(url: string, home: string): string | null {
  const rest = url.startsWith(`${home}/actions/runs/`) ? url.slice(`${home}/actions/runs/`.length) : "";
  return /^\d{1,20}$/.test(rest) ? rest : null;
}

/** Address of a release on the forge; null where it is not there. */
export function notesUrl({ forge }: DescribeOn, release: ReleaseV1): string | null {
  return release.forge === null ? null : `${forge.url}/releases/tag/${encodeURIComponent(release.forge.tag)}`;
}

/** Says which channels have a release, and since when; the channel that is decided on may be left out. */
export async function placesOf(
  { facts, decisions }: DescribeOn,
  release: { readonly app: string; readonly release_id: string },
  move: { readonly channel: string; readonly seen?: PointerSeen | undefined } | null,
): Promise<{ readonly line: Line; readonly isAny: boolean }> {
  const names = await channelNames(facts, decisions, release.app);
  const others = names.filter((name) => name !== move?.channel).slice(0, MAX_CHANNELS);
  const found = await Promise.all(others.map((name) => channelNow(facts, decisions, release.app, name)));
  const places = found.filter(({ pointer }) => pointer?.release_id === release.release_id);
  const source = move?.seen?.source ?? null;
  const spans = places.flatMap(({ name, since }, i): readonly Span[] => {
    const at = source?.channel === name ? source.since : since;
    return [i === 0 ? "" : ", ", { code: name }, at === null ? "" : ` since ${absoluteText(at)}`];
  });
  const none = move === null ? "no channel" : "no other channel";
  return { line: spans.length === 0 ? [none] : spans, isAny: spans.length > 0 };
}
