import { ToolError } from "../kernel/errors.ts";
import { isOid, type Oid } from "../kernel/oid.ts";
import type { CachedDecision, CachedUnhonoured, FoldCacheV1 } from "../schema/types.gen.ts";
import type { Decision, Unhonoured } from "./core/decisions.ts";
import type { FoldState } from "./core/fold.ts";
import type { FoldOn } from "./core/shape.ts";
import type { DecisionsGround } from "./ground.ts";

const FILE = "decisions.json";
/** Raised when judging changes within one version of the tool. */
const FOLD_VERSION = 6;

/** What a fold had come to, and the first-parent history that it had walked. */
export interface CachedFold {
  readonly state: FoldState;
  readonly commits: readonly Oid[];
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
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const cache = ground.schemas.check("fold-cache.v1", value, FILE);
    return cache.version === versionOf(ground.version) ? fromCache(on, cache) : null;
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
    merged: state.merged.map(toCached),
    dishonoured: state.dishonoured.map(({ proposalId, ...rest }) => ({ ...rest, proposal_id: proposalId })),
    used: state.used,
    standing: state.standing.map(([path, { commit, proposalId }]) => ({ path, commit, proposal_id: proposalId })),
  };
  await ground.cache.write(FILE, new TextEncoder().encode(JSON.stringify(cache)));
}

function versionOf(version: string): string {
  return `${version} fold ${FOLD_VERSION}`;
}

function toCached({ path, sha256, commit, grade, approvers, proof, ...decision }: Decision): CachedDecision {
  return {
    path,
    proposal_id: decision.proposalId,
    document: { ...decision.document },
    sha256,
    commit,
    merged_at: decision.mergedAt,
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

function fromCache(on: FoldOn, cache: FoldCacheV1): CachedFold {
  return {
    commits: cache.commits.map(oid),
    state: {
      root: oid(cache.root),
      tip: oid(cache.tip),
      at: cache.at,
      merged: cache.merged.map((decision) => fromCached(on, decision)),
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

function fromCached({ findKind, schemas }: FoldOn, cached: CachedDecision): Decision {
  const kind = findKind(cached.path)?.kind;
  if (kind === undefined) throw damaged();
  return {
    path: cached.path,
    proposalId: cached.proposal_id,
    // Most decisions of a long history are never looked at.
    get document() {
      return schemas.check(kind.schema, cached.document, cached.path);
    },
    sha256: cached.sha256,
    commit: oid(cached.commit),
    mergedAt: cached.merged_at,
    grade: cached.grade,
    ...(cached.attestor === undefined ? {} : { attestor: cached.attestor }),
    approvers: cached.approvers,
    selfApproved: cached.self_approved,
    proof: cached.proof && proofFrom(cached.proof),
  };
}

function proofFrom(cached: NonNullable<CachedDecision["proof"]>) {
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
  throw damaged();
}

function damaged(): ToolError {
  return new ToolError("state.document.invalid", `${FILE} in the cache is damaged`);
}
