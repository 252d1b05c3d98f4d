import type { Act } from "../../kernel/act.ts";
import { isRefused, reason, type Refused, refuse, ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { msOf, timestamp } from "../../kernel/time.ts";
import type { CheckpointV1, StateCheckpointResultV1 } from "../../schema/types.gen.ts";
import { openState, transact } from "../../state/transact.ts";
import type { View } from "../../state/view.ts";
import { attestorWithKey } from "../core/attested.ts";
import { CHECKPOINT_NAMESPACE, checkpointBytes } from "../core/checkpoint.ts";
import type { GateGround } from "../ground.ts";
import { refuseForeignRepository } from "../own-repository.ts";
import { loadDecisions } from "../view/view.ts";

/** Times that both branches are verified again because they moved meanwhile. */
const MAX_TRIES = 5;

/** Tips up to which everything was verified. */
export interface VerifiedTips {
  readonly state: string;
  readonly decisions: string;
}

/** How a checkpoint is made. */
export interface CheckpointWish {
  readonly expiresInMs: number;
  readonly dryRun: boolean;
  /** Verifies both branches, whole or from where an earlier run came to; refuses where they are not right. */
  readonly verify: () => Promise<VerifiedTips | Refused>;
}

/**
 * Verifies both branches, and signs as an attestor how far they are and until when a newer word is to be expected. It is written onto
 * exactly the tip that it names. Refuses what `verify` refuses, and a key that is no attestor's; throws `state.push.conflict` where the facts keep moving.
 */
export async function makeCheckpoint(
  ground: GateGround,
  act: Act,
  wish: CheckpointWish,
): Promise<StateCheckpointResultV1 | Refused> {
  const { attestor } = ground;
  if (attestor === undefined) return keyless("No key of an attestor was given");
  await refuseForeignRepository(ground, await openState(ground));
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const verified = await wish.verify();
    if (isRefused(verified)) return verified;
    const { policy, root, tip } = await loadDecisions(ground);
    const name = attestorWithKey(policy.document, attestor.publicKey);
    if (name === null) return keyless("WAYBILL_ATTESTOR_KEY is the key of no attestor of policy");
    if (tip !== verified.decisions) continue;
    const about = {
      schema: "checkpoint.v1",
      root,
      decisions: { commit: tip },
      made_at: act.at,
      expires: timestamp(new Date(msOf(act.at) + wish.expiresInMs)),
    } as const;
    const sign = async (facts: View) => {
      const rest = { ...about, ...(await whereOf(ground, facts)) };
      return { ...rest, signature: await attestor.sign(CHECKPOINT_NAMESPACE, checkpointBytes(rest)) };
    };
    const facts = await openState(ground);
    if (facts.at !== verified.state) continue;
    const made = wish.dryRun
      ? { commit: null, seq: await seqOf(ground, facts.at) }
      : await write(ground, act, facts.at, sign);
    if (made === null) continue;
    if (isRefused(made)) return made;
    return resultOf(about, { ...made, state: facts.at, attestor: name, planned: wish.dryRun });
  }
  throw new ToolError("state.push.conflict", `The branches kept moving while they were verified (${MAX_TRIES} times)`, {
    hints: ["Run the same command again"],
  });
}

/** Writes onto this tip and no other; null where facts have gone on. */
async function write(
  ground: GateGround,
  act: Act,
  tip: Oid,
  sign: (facts: View) => Promise<CheckpointV1>,
): Promise<{ readonly commit: Oid | null; readonly seq: number } | Refused | null> {
  const done = await transact(
    ground,
    act,
    async (facts) => {
      // Every commit adds an event, so that another one in between makes this plan again.
      await facts.names("audit");
      return facts.at === tip ? sign(facts) : null;
    },
    (document) =>
      document === null
        ? { writes: [], events: [], result: null }
        : {
            writes: [{ name: "checkpoint.v1", key: {}, document }],
            events: [
              {
                action: "state.checkpointed",
                target: ["checkpoint", document.state.commit],
                metadata: { seq: document.state.seq, decisions: document.decisions.commit, expires: document.expires },
              },
            ],
            result: document.state.seq,
          },
  );
  if (isRefused(done)) return done;
  return done.result === null ? null : { commit: done.commit, seq: done.result };
}

async function whereOf(
  ground: GateGround,
  facts: View,
): Promise<Pick<CheckpointV1, "tenant_id" | "repo_id" | "state">> {
  const scope = await facts.find("state.v1", {});
  if (scope === undefined)
    throw new ToolError("state.document.invalid", "waybill/state has no state.json", {
      hints: ["waybill state verify"],
    });
  const { tenant_id, repo_id } = scope;
  return { tenant_id, repo_id, state: { commit: facts.at, seq: await seqOf(ground, facts.at) } };
}

async function seqOf({ store }: GateGround, tip: Oid): Promise<number> {
  return Number((await store.commit(tip)).trailers.get("Waybill-Seq") ?? 0);
}

function resultOf(
  about: Pick<CheckpointV1, "root" | "decisions" | "made_at" | "expires">,
  made: {
    readonly commit: Oid | null;
    readonly seq: number;
    readonly state: Oid;
    readonly attestor: string;
    readonly planned: boolean;
  },
): StateCheckpointResultV1 {
  const { root, decisions, made_at, expires } = about;
  return {
    schema: "state-checkpoint-result.v1",
    planned: made.planned,
    commit: made.commit,
    attestor: made.attestor,
    root,
    state: { commit: made.state, seq: made.seq },
    decisions: decisions.commit,
    made_at,
    expires,
  };
}

function keyless(message: string): Refused {
  return refuse(
    reason(
      "usage.missing_argument",
      message,
      {},
      "WAYBILL_ATTESTOR_KEY: the private key, or its file, of an attestor that policy.json names",
      "A new one: waybill keys new attestor --no-passphrase, then waybill gate open policy --add-attestor <name>=<file>.pub",
    ),
  );
}
