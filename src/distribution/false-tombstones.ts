import type { Decision, Decisions } from "../gate/core/decisions.ts";
import { headerOf } from "../gate/core/header.ts";
import type { WalkedDecisions } from "../gate/verify/checks.ts";
import { ToolError } from "../kernel/errors.ts";
import { isOid, type Oid } from "../kernel/oid.ts";
import { printable } from "../kernel/text.ts";
import type { StateSeen } from "../schema/types.gen.ts";
import { STATE } from "../state/branches.ts";
import { type Key, pathOf } from "../state/document-kind.ts";
import { isNoDocument } from "../state/no-document.ts";
import type { ChangedFile, Report, VerifyCheck, VerifyGround } from "../state/verify/check.ts";
import { openView, type View } from "../state/view.ts";
import { TOMBSTONE_PATH, tombstoneKey } from "./documents.ts";
import { referredBy } from "./needed.ts";

type Walked = Pick<WalkedDecisions, "decisions" | "later">;

/** A span of facts, by their count, in which decisions needed a release. */
interface Need {
  readonly app: string;
  readonly releaseId: string;
  readonly seen: StateSeen;
  /** What the next decision of the same channel had seen; null where there is none yet. */
  readonly until: number | null;
}

/**
 * `release_tombstone.in_force`: nothing says of a release that it was retired while a gated channel needed it. From the proposal on
 * retention keeps what a decision needs, so the span begins where the decision had seen facts and ends where the next one had.
 */
export function falseTombstones(walked: Walked | null): VerifyCheck {
  // Hardly any history has tombstones, and what all its decisions needed takes longer to find out than one commit to verify.
  let known: ReadonlyMap<string, readonly Need[]> | undefined;
  const spansOf = (id: string) => {
    known ??= grouped(walked === null ? [] : needsOf(walked.decisions), ({ releaseId }) => releaseId);
    return known.get(id);
  };
  return {
    rules: walked === null ? [] : ["release_tombstone.in_force"],
    begin: async ({ ground, report, after, tip }) => {
      const named = new Set<string>();
      return {
        onFile(file, { commit, trailers }) {
          const id = retiredIn(file);
          const spans = id === undefined ? undefined : spansOf(id);
          if (id === undefined || spans === undefined) return;
          const seq = Number(trailers.get("Waybill-Seq"));
          if (!spans.some(({ seen, until }) => !(seq <= seen.seq) && !(until !== null && seq > until))) return;
          named.add(file.path);
          say(report, commit, file.path, id);
        },
        async finish() {
          // A walk from the root has met them all; after a remembered one a later decision may need what was marked before.
          if (after === null || walked === null) return;
          for (const need of await standing(ground, tip, walked)) {
            const path = pathOf({ path: TOMBSTONE_PATH }, keyOf(need));
            if (!named.has(path)) say(report, null, path, need.releaseId);
            named.add(path);
          }
        },
      };
    },
  };
}

/** What the pointers of gated channels need, and for how long. */
function needsOf({ merged }: Decisions): readonly Need[] {
  const byPath = grouped(merged, ({ path }) => path);
  return [...byPath.values()].flatMap((line) => line.flatMap((decision, i) => needsIn(decision, line[i + 1])));
}

function grouped<T>(all: readonly T[], by: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(by(one));
    if (group === undefined) groups.set(by(one), [one]);
    else group.push(one);
  }
  return groups;
}

function needsIn({ document }: Decision, next: Decision | undefined): readonly Need[] {
  const seen = headerOf(document)?.state_seen;
  if (seen === undefined || !("schema" in document) || document.schema !== "channel-pointer.v1") return [];
  const until = next === undefined ? null : (headerOf(next.document)?.state_seen.seq ?? seen.seq);
  return referredBy(document).map((releaseId) => ({ app: document.app, releaseId, seen, until }));
}

function retiredIn({ place, before, after }: ChangedFile): string | undefined {
  if (place?.kind.name !== "release-tombstone.v1" || before !== null) return undefined;
  const document = after?.document;
  return document !== undefined && "schema" in document && document.schema === "release-tombstone.v1"
    ? document.release_id
    : undefined;
}

/** Tombstones at the tip of what later decisions in force need, that were not there when these were proposed. */
async function standing(ground: VerifyGround, tip: Oid, { decisions, later }: Walked): Promise<readonly Need[]> {
  const facts = openView({ ...ground, branch: "state" }, tip);
  const inForce = later.filter((decision) => decisions.find(decision.path) === decision);
  const now = inForce.flatMap((decision) => needsIn(decision, undefined));
  const found: Need[] = [];
  for (const need of await retiredAmong(facts, now)) if (!(await wasRetired(ground, need))) found.push(need);
  return found;
}

async function wasRetired(ground: VerifyGround, need: Need): Promise<boolean> {
  const { commit } = need.seen;
  if (!isOid(commit)) return true;
  try {
    return (await retiredAmong(openView({ ...ground, branch: "state" }, commit), [need])).length > 0;
  } catch (cause) {
    // An authorised rewrite gave up the commit, or history is cut short; what a walk from the root says, counts.
    if (cause instanceof ToolError && cause.code === "state.object.missing") return true;
    throw cause;
  }
}

/** Those of which a tombstone is there; what is no document is none. */
async function retiredAmong(facts: View, needs: readonly Need[]): Promise<readonly Need[]> {
  try {
    const found = await facts.findAll("release-tombstone.v1", needs.map(keyOf));
    return needs.filter((_, i) => found[i] !== undefined);
  } catch (cause) {
    if (!isNoDocument(cause)) throw cause;
    if (needs.length === 1) return [];
    const each = await Promise.all(needs.map((need) => retiredAmong(facts, [need])));
    return each.flat();
  }
}

function keyOf({ app, releaseId }: Need): Key {
  return tombstoneKey(app, releaseId);
}

function say(report: Report, commit: Oid | null, path: string, releaseId: string): void {
  report({
    rule: "release_tombstone.in_force",
    branch: STATE,
    commit,
    path,
    message: `${printable(path)} says that ${printable(releaseId)} was retired while a gated channel needed it`,
    data: { release_id: releaseId },
    next: "find who pushed it, and remove it with a commit",
  });
}
