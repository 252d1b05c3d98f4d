import type { Act } from "../../kernel/act.ts";
import type { Reason } from "../../kernel/errors.ts";
import type { DocumentName, Documents } from "../../schema/types.gen.ts";
import { openState } from "../../state/transact.ts";
import type { Decisions, Unhonoured } from "../core/decisions.ts";
import { decisionKindAt } from "../decision-kind.ts";
import type { GateGround } from "../ground.ts";
import { isForgeError } from "../forge-error.ts";
import { notHonouredComment } from "../page/comments.ts";
import { type Prover, unproven } from "./prover.ts";
import { recordDishonoured } from "./record.ts";
import { DISHONOURED, isThere } from "./recorded.ts";

/** Newest merges that changed nothing of which each run makes sure that their pull request says so. */
const WINDOW = 50;

/**
 * Says on the pull request of every merge that changed nothing, once, that it did not and why, and records that. Merges without a pull
 * request have nobody to tell; readers and `state verify` name them. Answers what the forge kept from being said.
 */
export async function tellDishonoured(
  ground: GateGround,
  act: Act,
  decisions: Decisions,
  prover: Prover,
): Promise<readonly Reason[]> {
  const facts = await openState(ground);
  const unknown: Reason[] = [];
  for (const merge of decisions.dishonoured.slice(-WINDOW)) {
    const of = merge.proposalId ?? merge.commit;
    // What comes of disputed evidence is nothing to tell anybody: the forge says otherwise.
    if (prover.disputed.has(of) || (await isThere(facts, of, merge.at, DISHONOURED))) continue;
    try {
      await tell(ground, act, { decisions, prover, merge, of });
    } catch (cause) {
      if (!isForgeError(cause)) throw cause;
      unknown.push(unproven(merge.commit, cause.message));
    }
  }
  return unknown;
}

async function tell(
  ground: GateGround,
  act: Act,
  on: { readonly decisions: Decisions; readonly prover: Prover; readonly merge: Unhonoured; readonly of: string },
): Promise<void> {
  const { decisions, prover, merge, of } = on;
  const { forge, decisionKinds } = ground;
  const pull = await prover.byMerge(merge.commit, merge.proposalId);
  if (forge === undefined || pull === null) return;
  const document = await documentOf(ground, merge);
  const { event, text } = notHonouredComment({ decisionKinds, decisions }, merge, document);
  await forge.comment(pull, event, text);
  const metadata = { path: merge.paths[0] ?? null, merge: merge.commit, condition: merge.condition };
  await recordDishonoured(ground, act, {
    of,
    at: merge.at,
    event: { action: DISHONOURED, target: ["proposal", of], metadata },
    made: prover.made.get(of),
  });
}

/** The decision that a merge brought, as far as it can be read. */
async function documentOf(ground: GateGround, { commit, paths }: Unhonoured): Promise<Documents[DocumentName] | null> {
  for (const path of paths) {
    const kind = decisionKindAt(ground.decisionKinds, path);
    const [file] = kind === undefined ? [] : await ground.store.read(commit, [path]);
    if (kind === undefined || !file || !("bytes" in file)) continue;
    try {
      return ground.schemas.parse<DocumentName>(kind.schema, file.bytes, path);
    } catch {
      // Hostile bytes: the comment names the path only.
      return null;
    }
  }
  return null;
}
