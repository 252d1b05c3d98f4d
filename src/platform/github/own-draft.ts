import { isOpaqueId } from "../../kernel/ids.ts";
import { ToolError } from "../../kernel/errors.ts";
import type { DraftWish } from "../../ports/artifact-store.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ReleaseApi } from "./release-api.ts";
import { releaseProblem } from "./release-problem.ts";
import type { ReleaseRow } from "./release-rows.ts";
import { untilKnown } from "./until-known.ts";

/** Notes that fit beside the mark; GitHub takes 125,000 characters in all. */
const MAX_NOTES_LENGTH = 120_000;

/** What opening a draft needs. */
export interface DraftGround {
  readonly api: ReleaseApi;
  readonly clock: Clock;
  /** Id of the account that the token acts for. */
  readonly me: () => Promise<number>;
}

/** A draft of ours, or the release that it became. */
export interface OpenedDraft {
  readonly release: ReleaseRow;
  readonly state: "new" | "resumed" | "published";
}

/**
 * Finds the draft of a release, or makes it: first the recorded one, then one that carries our mark, which a run made whose answer or
 * record was lost. Never by tag alone, and only where author, tag and target are ours. Throws `dist.release.tag_taken`, `.tag_burned`.
 */
export async function openDraft(on: DraftGround, wish: DraftWish): Promise<OpenedDraft> {
  const recorded = wish.ref === null ? null : await recordedDraft(on, wish, wish.ref);
  if (recorded !== null) return recorded;
  const found = wish.isNew ? null : await findOwn(on, wish);
  if (found !== null) return { release: found, state: "resumed" };
  const { tag, target, title } = wish;
  const create = async (): Promise<OpenedDraft> => ({
    release: await on.api.create({ tag, target, name: title, body: bodyOf(wish) }),
    state: "new",
  });
  const find = async (): Promise<OpenedDraft | null> => {
    const release = await findOwn(on, wish);
    return release && { release, state: "resumed" };
  };
  try {
    return await untilKnown(on.clock, create, find);
  } catch (cause) {
    throw releaseProblem(cause, tag);
  }
}

async function recordedDraft(on: DraftGround, wish: DraftWish, ref: string): Promise<OpenedDraft | null> {
  const release = await on.api.find(ref);
  if (release === null || release.tag_name !== wish.tag) return null;
  const isMine = await isByMe(on, release);
  if (release.draft) return isMine && hasTarget(release, wish) ? { release, state: "resumed" } : null;
  // What a tag names is compared by its commit; the target of a published release may have been rewritten.
  if (isMine) return { release, state: "published" };
  throw new ToolError("dist.release.tag_taken", `${wish.tag} is the tag of a release that another account made`, {
    data: { tag: wish.tag, release_id: ref },
    hints: ["Publish with the token that began it, or publish the next version"],
  });
}

/** The oldest one, where a lost answer and late reads made two. */
async function findOwn(on: DraftGround, wish: DraftWish): Promise<ReleaseRow | null> {
  let found: ReleaseRow | null = null;
  for await (const release of on.api.all()) {
    const isWanted = release.draft && release.tag_name === wish.tag && hasTarget(release, wish);
    if (!isWanted || markOf(release) !== wish.id || !(await isByMe(on, release))) continue;
    if (found === null || release.id < found.id) found = release;
  }
  return found;
}

function hasTarget(release: ReleaseRow, { target }: DraftWish): boolean {
  return target === null || release.target_commitish === target;
}

async function isByMe(on: DraftGround, { author }: ReleaseRow): Promise<boolean> {
  return author !== null && Number(author.id) === (await on.me());
}

/** Text of a release: its notes, and as the last line the mark by which it is found again. Notes cannot forge it, as they never come last. */
export function bodyOf({ id, notes }: Pick<DraftWish, "id" | "notes">): string {
  const text = (notes ?? "").slice(0, MAX_NOTES_LENGTH).replace(/[\uD800-\uDBFF]$/, "");
  return `${text === "" ? "" : `${text}\n\n`}<!-- waybill-release ${id} -->`;
}

/** Id of our release that a release of GitHub carries; null where it carries none. */
export function markOf({ body }: Pick<ReleaseRow, "body">): string | null {
  const last = (body ?? "").trimEnd().split(/\r?\n/).at(-1) ?? "";
  const id = /^<!-- waybill-release (\S+) -->$/.exec(last)?.[1];
  return id !== undefined && isOpaqueId(id) ? id : null;
}
