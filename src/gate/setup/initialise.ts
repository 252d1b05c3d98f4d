import type { Act } from "../../kernel/act.ts";
import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Grade, PolicyV1, StateV1 } from "../../schema/types.gen.ts";
import { DECISIONS, STATE } from "../../state/branches.ts";
import { pathOf } from "../../state/document-kind.ts";
import { auditKey, stateKinds } from "../../state/documents.ts";
import { openView, kindNamed } from "../../state/view.ts";
import { policyProblems } from "../core/policy.ts";
import { type Founder, planFoundation, planPolicy } from "./foundation.ts";
import type { DecisionsGround } from "../ground.ts";
import { refuseForeignState } from "../own-repository.ts";
import { loadDecisions } from "../view/view.ts";

const DEADLINE_MS = 60_000;

/** What `waybill init` needs; the branches need not exist. */
export type InitGround = DecisionsGround & { readonly clock: Clock };

/** What the first commits say. */
export interface Initialisation {
  /** Null where decisions are there already. */
  readonly founders: readonly [Founder, ...Founder[]] | null;
  readonly proof: Grade;
  /** Null: made from the operation. */
  readonly tenantId: string | null;
  readonly repoId: string | null;
  readonly forgeRepositoryId: number | null;
}

/** A repository that Waybill can work in. */
export interface Initialised {
  readonly state: StateV1;
  readonly stateCommit: Oid;
  readonly root: Oid;
  /** Branches that were made now; none where everything was there. */
  readonly created: readonly string[];
  readonly policy: PolicyV1;
}

/**
 * Makes the two branches: first the facts with state.json and `state.initialized`, then the root of decisions with the first policy,
 * and pins that root for this user. What is there already stays as it is, so a run after a crash between the two finishes the work.
 */
export async function initialise(ground: InitGround, act: Act, wanted: Initialisation): Promise<Initialised> {
  const facts = await stateOf(ground, act, wanted);
  refuseForeignState(facts.state, { name: ground.store.location, id: wanted.forgeRepositoryId });
  const found = await ground.store.head(DECISIONS);
  if (found === null) await makeDecisions(ground, act, wanted, facts);
  const decisions = await loadDecisions(ground);
  return {
    state: facts.state,
    stateCommit: facts.commit,
    root: decisions.root,
    created: [...(facts.created ? [STATE] : []), ...(found === null ? [DECISIONS] : [])],
    policy: decisions.policy.document,
  };
}

interface Facts {
  readonly state: StateV1;
  readonly commit: Oid;
  readonly seq: number;
  readonly created: boolean;
}

async function stateOf(ground: InitGround, act: Act, wanted: Initialisation): Promise<Facts> {
  const head = await ground.store.head(STATE);
  if (head !== null) return existingState(ground, head);
  const again = act.again();
  const state: StateV1 = {
    schema: "state.v1",
    format_version: 1,
    tenant_id: wanted.tenantId ?? again.id("ten"),
    repo_id: wanted.repoId ?? again.id("repo"),
    forge_repository_id: wanted.forgeRepositoryId,
    created_at: act.at,
  };
  const writes = new Map([["state.json", ground.schemas.print("state.v1", state)], eventFile(ground, again, state)]);
  const change = { act, reads: new Map([["state.json", null]]), writes, message: "state.initialized" };
  const applied = await ground.store.apply(STATE, change, deadlineOf(ground));
  // Another init was first: its state.json is the one.
  return "commit" in applied
    ? { state, commit: applied.commit, seq: 1, created: true }
    : existingState(ground, applied.head);
}

async function existingState(ground: InitGround, head: Oid): Promise<Facts> {
  const view = openView({ ...ground, kinds: stateKinds, branch: "state" }, head);
  const state = await view.find("state.v1", {});
  if (state === undefined)
    throw new ToolError("state.document.invalid", `The branch ${STATE} exists and has no state.json`, {
      hints: ["Another tool owns this branch; choose another repository"],
    });
  const seq = Number((await ground.store.commit(head)).trailers.get("Waybill-Seq") ?? 1);
  return { state, commit: head, seq, created: false };
}

function eventFile(ground: InitGround, act: Act, state: StateV1): readonly [string, Uint8Array] {
  const event = {
    schema: "audit-event.v1",
    id: act.id("aud"),
    tenant_id: state.tenant_id,
    repo_id: state.repo_id,
    actor: { ...act.actor },
    action: "state.initialized",
    target_type: "repository",
    target_id: state.repo_id,
    metadata: { format_version: state.format_version },
    request_id: act.requestId,
    created_at: act.at,
  } as const;
  const path = pathOf(kindNamed(stateKinds, "state", "audit-event.v1"), auditKey(event));
  return [path, ground.schemas.print("audit-event.v1", event)];
}

async function makeDecisions(ground: InitGround, act: Act, wanted: Initialisation, facts: Facts): Promise<void> {
  if (wanted.founders === null) throw new ToolError("internal.bug", "Decisions without a first person");
  const foundation = {
    repoId: facts.state.repo_id,
    proposalId: act.again().id("prop"),
    stateSeen: { commit: facts.commit, seq: facts.seq },
    requestedBy: { ...act.actor },
    requestedAt: act.at,
    founders: wanted.founders,
    proof: wanted.proof,
  };
  const [problem] = policyProblems(planPolicy(foundation));
  if (problem !== undefined)
    throw new ToolError("usage.invalid_argument", `The first policy would not be sound: ${problem}`);
  const writes = planFoundation(ground.schemas, foundation);
  const change = {
    act: act.step("decisions"),
    reads: new Map([["policy.json", null]]),
    writes,
    message: "Found the decisions of this repository",
  };
  await ground.store.apply(DECISIONS, change, deadlineOf(ground));
}

function deadlineOf({ clock }: InitGround): Date {
  return new Date(clock.now().getTime() + DEADLINE_MS);
}
