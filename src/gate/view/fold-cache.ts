import type { Oid } from "../../kernel/oid.ts";
import type { Folder } from "../../ports/files.ts";
import type { CachedDecisionV1, CachedUnhonoured, FoldCacheV1 } from "../../schema/types.gen.ts";
import type { Decision, Unhonoured } from "../core/decisions.ts";
import type { FoldState } from "../core/fold.ts";
import type { FoldOn } from "../core/shape.ts";
import type { DecisionsGround } from "../ground.ts";
import { RememberedDecision, rememberedOid, toCached } from "./remembered-decision.ts";

const FILE = "decisions.json";
/** Raised when judging, or this file, changes within one version of the tool. */
const FOLD_VERSION = 9;
const LINE_END = 0x0a;

/** What a fold had come to, and the first-parent history that it had walked. */
export interface CachedFold {
  readonly state: FoldState;
  readonly commits: readonly Oid[];
}

/** Begins to read the remembered fold, for whoever reads it first from the cache that this answers. */
export function readFoldAhead(cache: Folder): Folder {
  let coming: Promise<Uint8Array | null> | null = cache.read(FILE);
  // An error is that of who asks for it.
  coming.catch(() => undefined);
  return {
    ...cache,
    read(path) {
      if (path !== FILE || coming === null) return cache.read(path);
      const read = coming;
      coming = null;
      return read;
    },
  };
}

/**
 * Reads what an earlier run of the same version folded, in this user's own cache folder; null where there is nothing to go on from.
 * What cannot be read is as good as nothing.
 */
export async function readFold(ground: DecisionsGround, on: FoldOn): Promise<CachedFold | null> {
  if (ground.version === undefined) return null;
  const bytes = await ground.cache.read(FILE);
  if (bytes === null) return null;
  try {
    const start = bytes.indexOf(LINE_END) + 1;
    const head: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(0, start)));
    const cache = ground.schemas.check("fold-cache.v1", head, FILE);
    if (cache.version !== versionOf(ground.version)) return null;
    return fromCache(on, cache, bytes.subarray(start), `${ground.cache.path}/${FILE}`);
  } catch {
    return null;
  }
}

/** Remembers a fold; one with merges that still wait for their proof is not, because evidence may change it. */
export async function writeFold(ground: DecisionsGround, { state, commits }: CachedFold): Promise<void> {
  if (ground.version === undefined || state.pending.length > 0) return;
  const lines = state.merged.map((one) => (one instanceof RememberedDecision ? one.line : lineOf(toCached(one))));
  const merged = new Set(state.merged.map(({ proposalId }) => proposalId));
  const cache: FoldCacheV1 = {
    schema: "fold-cache.v1",
    version: versionOf(ground.version),
    root: state.root,
    tip: state.tip,
    at: state.at,
    commits,
    ...columnsOf(state.merged, commits, lines),
    dishonoured: state.dishonoured.map(({ proposalId, ...rest }) => ({ ...rest, proposal_id: proposalId })),
    used: state.used.filter((id) => !merged.has(id)),
    standing: state.standing.map(([path, { commit, proposalId }]) => ({ path, commit, proposal_id: proposalId })),
  };
  await ground.cache.write(FILE, joined([lineOf(cache), ...lines]));
}

function columnsOf(
  merged: readonly Decision[],
  commits: readonly Oid[],
  lines: readonly Uint8Array[],
): Pick<FoldCacheV1, "paths" | "merged"> {
  const paths = [...new Set(merged.map(({ path }) => path))];
  const [placeOfPath, placeOfCommit] = [placesOf(paths), placesOf(commits)];
  return {
    paths,
    merged: {
      path: merged.map(({ path }) => placeOfPath(path)),
      proposal_id: merged.map(({ proposalId }) => proposalId),
      commit: merged.map(({ commit }) => placeOfCommit(commit)),
      merged_at: merged.map(({ mergedAt }) => mergedAt),
      bytes: lines.map(({ length }) => length),
    },
  };
}

function placesOf(all: readonly string[]): (one: string) => number {
  const places = new Map(all.map((one, place) => [one, place]));
  return (one) => places.get(one) ?? -1;
}

function lineOf(document: FoldCacheV1 | CachedDecisionV1): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(document)}\n`);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function versionOf(version: string): string {
  return `${version} fold ${FOLD_VERSION}`;
}

/** Null where the parts do not fit together. */
function fromCache(on: FoldOn, cache: FoldCacheV1, lines: Uint8Array, file: string): CachedFold | null {
  const oid = (text: string) => rememberedOid(text, file);
  const commits = cache.commits.map(oid);
  const merged = mergedIn(on, { cache, commits, lines, file });
  return (
    merged && {
      commits,
      state: {
        root: oid(cache.root),
        tip: oid(cache.tip),
        at: cache.at,
        merged,
        pending: [],
        dishonoured: cache.dishonoured.map((one) => unhonouredFrom(one, oid)),
        used: [...cache.merged.proposal_id, ...cache.used],
        standing: cache.standing.map(({ path, commit, proposal_id }) => [
          path,
          { commit: oid(commit), proposalId: proposal_id },
        ]),
      },
    }
  );
}

function mergedIn(
  on: FoldOn,
  from: {
    readonly cache: FoldCacheV1;
    readonly commits: readonly Oid[];
    readonly lines: Uint8Array;
    readonly file: string;
  },
): readonly Decision[] | null {
  const { cache, commits, lines, file } = from;
  const columns = cache.merged;
  const remembered = { on, file, lines };
  const merged: Decision[] = [];
  let at = 0;
  for (const [i, proposalId] of columns.proposal_id.entries()) {
    const path = cache.paths[columns.path[i] ?? -1];
    const commit = commits[columns.commit[i] ?? -1];
    const mergedAt = columns.merged_at[i];
    const size = columns.bytes[i];
    if (path === undefined || commit === undefined || mergedAt === undefined || size === undefined) return null;
    merged.push(new RememberedDecision(remembered, { path, proposalId, commit, mergedAt }, at, at + size));
    at += size;
  }
  return at === lines.length ? merged : null;
}

function unhonouredFrom({ commit, proposal_id, ...merge }: CachedUnhonoured, oid: (text: string) => Oid): Unhonoured {
  return { ...merge, commit: oid(commit), proposalId: proposal_id };
}
