import type { Reason } from "../kernel/errors.ts";
import type { DocumentName, Documents } from "../schema/types.gen.ts";
import type { Key } from "../state/document-kind.ts";
import type { Event, Plan } from "../state/plan.ts";
import type { View } from "../state/view.ts";
import type { Decision, Decisions } from "./core/decisions.ts";
import type { RuleResult } from "./core/verdict.ts";

/** Who must approve a decision, with all defaults filled in. */
export interface Requirement {
  /** Names of people. Empty means that nobody may. */
  readonly approvers: readonly string[];
  readonly minApprovals: number;
  readonly requesterMayApprove: boolean;
  readonly proof: "signed" | "attested" | "recorded";
}

/**
 * One kind of decision: which files it changes, who must approve it, which further rules it has, what follows a merge.
 * Drives verdict, fold and `gate sync`; a plane lists its own in `decisions.ts`.
 */
export interface DecisionKind<N extends DocumentName = DocumentName> {
  /** For example `channel`, `yank`, `policy`, `principals`. */
  readonly kind: string;
  readonly schema: N;
  /** Path template of the one decision file, for example `channels/{app}/{channel}.json`. */
  readonly path: string;
  keyOf(document: Documents[N]): Key;
  /** Further files of the kind besides the decision file and its `.sig`, with how to make them (CODEOWNERS from policy.json). */
  beside?(document: Documents[N]): ReadonlyMap<string, Uint8Array>;
  /** Title of the proposal, for example `Promote acme-notes 1.4.0 (412) to stable`. */
  title(document: Documents[N], before: Decision | undefined): string;
  requirement(document: Documents[N], before: Decisions): Requirement;
  /** Pure: every rule besides header, people, number and proof, from the view before and the merge time only; so the fold needs no facts. */
  rules(document: Documents[N], before: Decisions, at: string): readonly RuleResult[];
  /** Verdict (at the tip) and verify (at state_seen): reasons why `seen` and what is named of facts is not true. */
  agrees(facts: View, document: Documents[N], before: Decisions): Promise<readonly Reason[]>;
  /** Rules that hold only now and only as advice: hold facts. Not part of the fold. */
  advice?(
    facts: View,
    document: Documents[N],
    requester: { readonly verified: boolean },
  ): Promise<readonly RuleResult[]>;
  /** Events that opening a proposal leaves. */
  proposed(document: Documents[N]): Event;
  /** What follows a conforming merge; `gate sync` commits it once, together with the evidence. */
  afterMerge(facts: View, document: Documents[N], decision: Decision): Promise<Pick<Plan<null>, "writes" | "events">>;
}

/** A decision kind of any schema, as the family holds it. */
export type AnyDecisionKind = { [N in DocumentName]: DecisionKind<N> }[DocumentName];
