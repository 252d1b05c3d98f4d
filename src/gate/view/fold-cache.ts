import { ToolError } from "../../kernel/errors.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import type { CachedDecisionV1, CachedEntry, CachedUnhonoured, FoldCacheV1 } from "../../schema/types.gen.ts";
import type { Decision, DecisionProof, Unhonoured } from "../core/decisions.ts";
import type { FoldState } from "../core/fold.ts";
import type { FoldOn } from "../core/shape.ts";
import type { DecisionsGround } from "../ground.ts";

const FILE = "decisions.json";
/** Raised when judging changes within one version of the tool. */
const FOLD_VERSION = 8;

/** What a fold had come to, and the first-parent history that it had walked. */
export interface CachedFold {
  readonly state: FoldState;
  readonly commits: readonly Oid[];
}

/** Lines of decisions that were read here, to be written as they are. */
const lineOf = new WeakMap<Decision, Uint8Array>();

/**
 * Reads what an earlier run of the same version folded, in this user's own cache folder; null where there is nothing to go on from.
 * What cannot be read is as good as nothing. A decision's own line is read when somebody asks for more than its entry: of a long history
 * hardly anybody does.
 */
export async function readFold(ground: DecisionsGround, on: FoldOn): Promise<CachedFold | null> {
  if (ground.version === undefined) return null;
  const bytes = await ground.cache.read(FILE);
  if (bytes === null) return null;
  try {
    const [first = bytes, ...lines] = linesOf(bytes);
    const cache = ground.schemas.check("fold-cache.v1", JSON.parse(new TextDecoder().decode(first)), FILE);
    if (cache.version !== versionOf(ground.version) || cache.merged.length !== lines.length) return null;
    return fromCache(on, cache, { lines, file: `${ground.cache.path}/${FILE}` });
  } catch {
    return null;
  }
}

/** Remembers a fold; one with merges that still wait for their proof is not, because evidence may change it. */
export async function writeFold(ground: DecisionsGround, { state, commits }: CachedFold): Promise<void> {
  if (ground.version === undefined || state.pending.length > 0) return;
  const cache: FoldCacheV1 = {
    schema: "fold-cache.v1",
    version: versionOf(ground.version),
    root: state.root,
    tip: state.tip,
    at: state.at,
    commits,
    merged: state.merged.map(({ path, proposalId, commit, mergedAt }) => ({
      path,
      proposal_id: proposalId,
      commit,
      merged_at: mergedAt,
    })),
    dishonoured: state.dishonoured.map(({ proposalId, ...rest }) => ({ ...rest, proposal_id: proposalId })),
    used: state.used,
    standing: state.standing.map(([path, { commit, proposalId }]) => ({ path, commit, proposal_id: proposalId })),
  };
  const lines = state.merged.map((decision) => lineOf.get(decision) ?? lineFor(toCached(decision)));
  await ground.cache.write(FILE, joined([lineFor(cache), ...lines]));
}

function lineFor(document: FoldCacheV1 | CachedDecisionV1): Uint8Array {
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

/** Lines with their ends. */
function linesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    const next = end < 0 ? bytes.length : end + 1;
    lines.push(bytes.subarray(start, next));
    start = next;
  }
  return lines;
}

function versionOf(version: string): string {
  return `${version} fold ${FOLD_VERSION}`;
}

function toCached({ sha256, grade, approvers, proof, ...decision }: Decision): CachedDecisionV1 {
  return {
    schema: "cached-decision.v1",
    document: { ...decision.document },
    sha256,
    grade,
    ...(decision.attestor === undefined ? {} : { attestor: decision.attestor }),
    approvers,
    self_approved: decision.selfApproved,
    proof: proof && {
      base: proof.base,
      head: proof.head,
      merged_by: proof.mergedBy,
      approvals: proof.approvals.map(({ person, id, method }) => ({ person, id, method })),
      requesters: proof.requesters,
      requester_verified: proof.requesterVerified,
      rules: proof.rules.map(({ rule, status, message }) => ({ rule, status, message })),
      policy_sha256: proof.policySha256,
    },
  };
}

/** Lines of decisions, and the file that they are in. */
interface Lines {
  readonly lines: readonly Uint8Array[];
  readonly file: string;
}

function fromCache(on: FoldOn, cache: FoldCacheV1, { lines, file }: Lines): CachedFold {
  return {
    commits: cache.commits.map(oid),
    state: {
      root: oid(cache.root),
      tip: oid(cache.tip),
      at: cache.at,
      merged: cache.merged.map((entry, i) => fromCached(on, entry, lines[i] ?? new Uint8Array(), file)),
      pending: [],
      dishonoured: cache.dishonoured.map(unhonouredFrom),
      used: cache.used,
      standing: cache.standing.map(({ path, commit, proposal_id }) => [
        path,
        { commit: oid(commit), proposalId: proposal_id },
      ]),
    },
  };
}

function fromCached({ findKind, schemas }: FoldOn, entry: CachedEntry, line: Uint8Array, file: string): Decision {
  let read: CachedDecisionV1 | undefined;
  const rest = () => (read ??= orDamaged(file, () => readLine(schemas, line)));
  let checked: Decision["document"] | undefined;
  const document = () => {
    const kind = findKind(entry.path)?.kind;
    if (kind === undefined) throw damaged(file);
    return orDamaged(file, () => schemas.check(kind.schema, rest().document, entry.path));
  };
  const decision: Decision = {
    path: entry.path,
    proposalId: entry.proposal_id,
    commit: oid(entry.commit),
    mergedAt: entry.merged_at,
    get document() {
      checked ??= document();
      return checked;
    },
    get sha256() {
      return rest().sha256;
    },
    get grade() {
      return rest().grade;
    },
    get attestor() {
      return rest().attestor;
    },
    get approvers() {
      return rest().approvers;
    },
    get selfApproved() {
      return rest().self_approved;
    },
    get proof() {
      return proofFrom(rest().proof);
    },
  };
  lineOf.set(decision, line);
  return decision;
}

function readLine(schemas: FoldOn["schemas"], line: Uint8Array): CachedDecisionV1 {
  return schemas.check("cached-decision.v1", JSON.parse(new TextDecoder().decode(line)), FILE);
}

/** Long after the fold began there is no other way to go on: who may write to the file says so, or removes it. */
function orDamaged<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw damaged(file, cause);
  }
}

function proofFrom(cached: CachedDecisionV1["proof"]): DecisionProof | null {
  if (cached === null) return null;
  const { base, head, merged_by, requester_verified, policy_sha256, ...proof } = cached;
  return {
    ...proof,
    base: oid(base),
    head: oid(head),
    mergedBy: merged_by,
    requesterVerified: requester_verified,
    policySha256: policy_sha256,
  };
}

function unhonouredFrom({ commit, proposal_id, ...merge }: CachedUnhonoured): Unhonoured {
  return { ...merge, commit: oid(commit), proposalId: proposal_id };
}

function oid(text: string): Oid {
  if (isOid(text)) return text;
  throw damaged(FILE);
}

function damaged(file: string, cause?: unknown): ToolError {
  return new ToolError("file.unreadable", `What was remembered of decisions in ${file} is damaged`, {
    data: { file },
    hints: [`Remove ${file}; it is made again from the branches`],
    cause,
  });
}
