import { ToolError } from "../kernel/errors.ts";
import { isData, type Json } from "../kernel/json.ts";
import { isOid, type Oid, shortOid } from "../kernel/oid.ts";
import type { Folder } from "../ports/files.ts";
import type { GitStore } from "../ports/git-store.ts";
import { STATE } from "./branches.ts";
import { afterRewrites, allowedBy, type Rewrites, type Tip } from "./rewrites.ts";

/** Commits in a row that count no further than the remembered tip, after which it does not lie below them: each may be a request. */
const MAX_LOWER = 20;

/** What remembering needs: the repository, and this user's cache folder for it. */
export interface Memory {
  readonly store: GitStore;
  readonly cache: Folder;
  /** Jumps of the facts that decisions allow; without it none is. */
  readonly rewrites?: Rewrites;
}

/**
 * Compares a branch with the highest tip that this user has seen of it, and remembers the new one. A tip that is lower, or that does
 * not descend from the remembered one, throws `state.ref.rewound` with both commits; the memory stays as it was. Null: no branch.
 * A branch that is gone although one was remembered is rewound too. Facts may make exactly the jump of an authorised rewrite.
 */
export async function checkTip(memory: Memory, branch: string): Promise<Oid | null> {
  const { store, cache } = memory;
  const file = fileOf(branch);
  const remembered = parseTip(await cache.read(file));
  // Another clone of this user may have seen more than was fetched here a moment ago: the remote is asked before anybody is alarmed.
  for (const fresh of [false, true]) {
    const commit = await store.head(branch, { fresh });
    if (commit === (remembered?.commit ?? null)) return commit;
    const tip = commit === null ? null : { commit, seq: await seqOf(store, branch, commit) };
    const isNewer = tip !== null && (remembered === null || (await follows(memory, branch, tip, remembered)));
    if (isNewer) {
      await cache.write(file, new TextEncoder().encode(`${JSON.stringify(tip)}\n`));
      return commit;
    }
    if (fresh && remembered !== null) throw rewound(branch, remembered, tip);
  }
  return null;
}

/** Tells whether a tip of a branch is remembered. */
export async function isRemembered(cache: Folder, branch: string): Promise<boolean> {
  return (await cache.read(fileOf(branch))) !== null;
}

function fileOf(branch: string): string {
  return `tip-${branch.replaceAll("/", "-")}.json`;
}

/** Only facts are counted: merges of decisions are made by people and forges, with any trailers. */
async function seqOf(store: GitStore, branch: string, commit: Oid): Promise<number> {
  return branch === STATE ? Number((await store.commit(commit)).trailers.get("Waybill-Seq") ?? 0) : 0;
}

async function follows(memory: Memory, branch: string, tip: Tip, remembered: Tip): Promise<boolean> {
  const { store, rewrites } = memory;
  if (await descends(store, tip, remembered)) return true;
  if (branch !== STATE || rewrites === undefined) return false;
  const stands = await afterRewrites(store, remembered, await allowedBy(rewrites));
  return stands !== null && (stands.commit === tip.commit || (await descends(store, tip, stands)));
}

/**
 * Counts are what commits say of themselves: a wrong one proves nothing, and many in a row that do not go beyond the remembered one are
 * those of a branch that went back, which is not walked to its root.
 */
async function descends(store: GitStore, tip: Tip, from: Tip): Promise<boolean> {
  let lower = 0;
  for await (const commit of store.log(from.commit, tip.commit)) {
    if (commit.parents[0] === from.commit) return true;
    const seq = Number(commit.trailers.get("Waybill-Seq") ?? Number.NaN);
    if (seq > from.seq) lower = 0;
    else if (seq <= from.seq && from.seq > 0) lower += 1;
    if (lower === MAX_LOWER) return false;
  }
  return false;
}

function parseTip(bytes: Uint8Array | null): Tip | null {
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return tipOf(isData(value) ? value : {});
  } catch {
    // A cache that cannot be read is as good as none.
    return null;
  }
}

function tipOf({ commit, seq }: { readonly [key: string]: Json }): Tip | null {
  if (typeof commit !== "string" || !isOid(commit) || typeof seq !== "number") return null;
  return { commit, seq };
}

function rewound(branch: string, remembered: Tip, found: Tip | null): ToolError {
  const now = found === null ? "is gone" : `is at ${shortOid(found.commit)}, which does not follow it`;
  return new ToolError(
    "state.ref.rewound",
    `The branch ${branch} was seen at ${shortOid(remembered.commit)} and now ${now}`,
    {
      data: {
        branch,
        remembered: { commit: remembered.commit, seq: remembered.seq },
        found: found === null ? null : { commit: found.commit, seq: found.seq },
      },
      hints: ["Find out who moved it; waybill state verify names what is missing"],
    },
  );
}
