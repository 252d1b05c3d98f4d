import { ToolError } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";
import type { GitStore } from "../ports/git-store.ts";
import type { Schemas } from "../schema/schemas.ts";
import type { ChannelPointerV1 } from "../schema/types.gen.ts";

/** A pointer of an `auto` channel with the commit that wrote it. */
export interface AutoPointer {
  readonly pointer: ChannelPointerV1;
  /** Time of that commit: a pointer that claims to be older does not shorten a soak. */
  readonly movedAt: string;
  /** The oldest commit that is known to hold it. */
  readonly commit: Oid;
}

/** What reading the history of facts needs. */
export interface HistoryGround {
  readonly store: GitStore;
  readonly schemas: Schemas;
}

/**
 * Pointers that an `auto` channel had, newest first, from the history of the state branch. Ends at the first pointer of the channel, or
 * with the one that stood at `since`; the caller stops earlier where it knows enough, because a walk costs what lies between.
 */
export async function* autoHistory(
  ground: HistoryGround,
  tip: Oid,
  app: string,
  channel: string,
  since = "",
): AsyncGenerator<AutoPointer> {
  const path = `dist/apps/${app}/channels/${channel}.json`;
  let held: Held | null = null;
  for await (const commit of ground.store.log(null, tip)) {
    const [found] = await ground.store.read(commit.commit, [path]);
    const file = found && "bytes" in found ? found : null;
    if (held !== null && held.oid !== file?.oid) {
      const one = pointerIn(ground.schemas, held, path);
      if (one !== null) yield one;
      if (one?.pointer.from === null) return;
    }
    if (file === null) return;
    held = { oid: file.oid, bytes: file.bytes, at: commit.at, commit: commit.commit };
    if (commit.at < since) break;
  }
  const last = held === null ? null : pointerIn(ground.schemas, held, path);
  if (last !== null) yield last;
}

/** A file of the path, and the time of the oldest commit that is known to hold it. */
interface Held {
  readonly oid: Oid;
  readonly bytes: Uint8Array;
  readonly at: string;
  readonly commit: Oid;
}

/** What is no document was never a pointer of ours. */
function pointerIn(schemas: Schemas, { bytes, at, commit }: Held, path: string): AutoPointer | null {
  try {
    const pointer = schemas.parse("channel-pointer.v1", bytes, path);
    return { pointer, movedAt: at > pointer.requested_at ? at : pointer.requested_at, commit };
  } catch (cause) {
    if (cause instanceof ToolError) return null;
    throw cause;
  }
}

/** Commits that are looked through for a later date than the one that follows them claims. */
const LOOK_BACK = 100;

/**
 * When a commit was made at the earliest: not before those that it follows, whatever it is dated. Looks no further back than
 * some commits, so whoever dates as many before it is named by `state verify` (`time.backwards`) and not here.
 */
export async function notBefore({ store }: HistoryGround, commit: Oid): Promise<string> {
  let latest = "";
  let left = LOOK_BACK;
  for await (const { at } of store.log(null, commit)) {
    if (at > latest) latest = at;
    left -= 1;
    if (left === 0) break;
  }
  return latest;
}

/** Collects history as far back as a time: no release was on a channel before it was published. */
export async function autoHistorySince(
  ground: HistoryGround,
  tip: Oid,
  key: { readonly app: string; readonly channel: string },
  since: string,
): Promise<readonly AutoPointer[]> {
  const all: AutoPointer[] = [];
  for await (const one of autoHistory(ground, tip, key.app, key.channel, since)) all.push(one);
  return all;
}
