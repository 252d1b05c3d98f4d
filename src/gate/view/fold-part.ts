import { checksumOf } from "../../inspect/checksum.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { KeptFile } from "../../ports/files.ts";
import type { CachedDecisionV1, CachedUnhonoured, FoldCacheV1 } from "../../schema/types.gen.ts";
import type { Decision, Unhonoured } from "../core/decisions.ts";
import type { FoldState } from "../core/fold.ts";
import type { FoldOn } from "../core/shape.ts";
import { RememberedDecision, rememberedOid, toCached } from "./remembered-decision.ts";

/**
 * A part of a fold as a file keeps it: the size of a document in decimal digits and the checksum of all that follows, the document itself,
 * and a line for each decision. A line is understood when somebody asks for more of its decision than the columns of the document say.
 */
export interface FoldPart {
  readonly head: FoldCacheV1;
  readonly commits: readonly Oid[];
  readonly merged: readonly Decision[];
}

/** What a fold came to, on the way from the end of an earlier part. */
export interface FoldStretch extends Pick<FoldCacheV1, "version" | "after"> {
  readonly state: Omit<FoldState, "pending">;
  readonly commits: readonly Oid[];
}

const LINE_END = 0x0a;
/** The first line, and more. */
const START_BYTES = 32;
/** Of what is read at once to see whether it is whole. */
const CHUNK_BYTES = 256 * 1024;

/** Prints a part. */
export function printPart({ version, after, state, commits }: FoldStretch): Uint8Array {
  const lines = state.merged.map((one) => (one instanceof RememberedDecision ? one.line : lineOf(toCached(one))));
  const head: FoldCacheV1 = {
    schema: "fold-cache.v1",
    version,
    root: state.root,
    after,
    tip: state.tip,
    at: state.at,
    commits,
    ...columnsOf(state.merged, commits, lines),
    dishonoured: state.dishonoured.map(({ proposalId, ...rest }) => ({ ...rest, proposal_id: proposalId })),
    used: state.used,
    standing: state.standing.map(([path, { commit, proposalId }]) => ({ path, commit, proposal_id: proposalId })),
  };
  const headLine = lineOf(head);
  const rest = [headLine, ...lines];
  return Buffer.concat([Buffer.from(`${headLine.length} ${checksumOf(rest)}\n`), ...rest]);
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

/**
 * Reads a part; null where it is damaged, or its pieces do not fit together. `name` is that of the file in errors. Throws at what is no
 * such part.
 */
export function readPart(on: FoldOn, file: KeptFile, name: string): FoldPart | null {
  const start = file.part(0, START_BYTES);
  const begin = start.indexOf(LINE_END) + 1;
  const [size, sum] = textOf(start.subarray(0, Math.max(begin - 1, 0))).split(" ");
  const lines = begin + Number(size);
  if (!(lines <= file.sizeBytes) || checksumOf(chunksOf(file, begin)) !== sum) return null;
  const head = on.schemas.check("fold-cache.v1", JSON.parse(textOf(file.part(begin, lines))), name);
  const commits = head.commits.map((commit) => rememberedOid(commit, name));
  const merged = mergedIn({ on, file, name }, lines, head, commits);
  return merged && { head, commits, merged };
}

function* chunksOf(file: KeptFile, from: number): Generator<Uint8Array> {
  // One piece of memory for all: a new one for each costs more than reading them.
  const into = new Uint8Array(Math.min(CHUNK_BYTES, file.sizeBytes));
  for (let at = from; at < file.sizeBytes; at += into.length)
    yield file.part(at, Math.min(at + into.length, file.sizeBytes), into);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function mergedIn(
  of: ConstructorParameters<typeof RememberedDecision>[0],
  lines: number,
  { paths, merged: columns }: FoldCacheV1,
  commits: readonly Oid[],
): readonly Decision[] | null {
  const merged: Decision[] = [];
  let at = lines;
  for (const [i, proposalId] of columns.proposal_id.entries()) {
    const path = paths[columns.path[i] ?? -1];
    const commit = commits[columns.commit[i] ?? -1];
    const mergedAt = columns.merged_at[i];
    const size = columns.bytes[i];
    if (path === undefined || commit === undefined || mergedAt === undefined || size === undefined) return null;
    merged.push(new RememberedDecision(of, { path, proposalId, commit, mergedAt }, at, at + size));
    at += size;
  }
  return at === of.file.sizeBytes ? merged : null;
}

/** Joins parts, each of which goes on where the one before ended. */
export function stateOf(parts: readonly [FoldPart, ...FoldPart[]], name: string): FoldState {
  const last = (parts.at(-1) ?? parts[0]).head;
  const oid = (text: string) => rememberedOid(text, name);
  return {
    root: oid(last.root),
    tip: oid(last.tip),
    at: last.at,
    merged: parts.flatMap(({ merged }) => merged),
    pending: [],
    dishonoured: parts.flatMap(({ head }) => head.dishonoured.map((one) => unhonouredFrom(one, oid))),
    used: parts.flatMap(({ head }) => [...head.merged.proposal_id, ...head.used]),
    standing: last.standing.map(({ path, commit, proposal_id }) => [
      path,
      { commit: oid(commit), proposalId: proposal_id },
    ]),
  };
}

function unhonouredFrom({ commit, proposal_id, ...merge }: CachedUnhonoured, oid: (text: string) => Oid): Unhonoured {
  return { ...merge, commit: oid(commit), proposalId: proposal_id };
}
