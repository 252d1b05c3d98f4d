import type { Reason } from "../kernel/errors.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { DocumentName, Documents } from "../schema/types.gen.ts";
import { folderFinder, keyAt, pathOf } from "../state/document-kind.ts";
import type { Event, Plan } from "../state/plan.ts";
import type { Ground } from "../state/transact.ts";
import type { View } from "../state/view.ts";
import type { Decision, Decisions } from "./core/decisions.ts";
import type { FindKind, RuledKind } from "./core/ruled-kind.ts";
import type { RuleResult } from "./core/verdict.ts";
import type { DescribeOn, Description, Standing } from "./page/description.ts";

/**
 * One kind of decision: which files it changes, who must approve it, which further rules it has, what follows a merge.
 * Drives verdict, fold and `gate sync`; a plane lists its own in `decisions.ts`.
 */
export interface DecisionKind<N extends DocumentName = DocumentName> extends RuledKind<N> {
  /** The command that proposes the same again, for example `dist release promote acme-notes@1.4.0 --channel stable`. */
  command?(document: Documents[N]): string;
  /** What a decision puts in force, in words for comments, for example that `stable` is now `1.4.0 (412)`. */
  standing?(document: Documents[N]): Standing;
  /** What people need to decide on a proposal, from facts and the view as they are now. */
  describe?(on: DescribeOn, document: Documents[N]): Promise<Description>;
  /** Verdict (at the tip) and verify (at state_seen): reasons why `seen` and what is named of facts is not true. `on` reads their history. */
  agrees(
    facts: View,
    document: Documents[N],
    before: Decisions,
    on: Pick<Ground, "store" | "schemas">,
  ): Promise<readonly Reason[]>;
  /** Rules that hold only now and only as advice: hold facts. Not part of the fold. */
  advice?(
    facts: View,
    document: Documents[N],
    requester: { readonly verified: boolean },
  ): Promise<readonly RuleResult[]>;
  /** Rules on what is stored now: digests as the store says them. Not part of the fold. */
  stored?(
    artifacts: Pick<ArtifactStore, "driver" | "stat">,
    facts: View,
    document: Documents[N],
  ): Promise<readonly RuleResult[]>;
  /** Event that opening a proposal leaves; its action ends with `.proposed`. Null where nothing may be written among facts before the merge. */
  proposed(document: Documents[N]): Event | null;
  /**
   * What follows a conforming merge; `gate sync` commits it once, together with the evidence. Events without `derived` get an id
   * from proposal and action, and the time of the merge.
   */
  afterMerge(facts: View, document: Documents[N], decision: Decision): Promise<Pick<Plan<null>, "writes" | "events">>;
}

/** A decision kind of any schema, as the family holds it. */
export type AnyDecisionKind = { [N in DocumentName]: DecisionKind<N> }[DocumentName];

/** Finds the decision kind of a path; undefined where no plane knows it. */
export function decisionKindAt(kinds: readonly AnyDecisionKind[], path: string): DecisionKind | undefined {
  return kinds.find((kind) => keyAt(kind, path) !== undefined);
}

/** Where decisions lie, for whoever looks for them among any number of other files. */
export interface DecisionPlaces {
  readonly isDecision: (path: string) => boolean;
  /** Tells whether a folder may hold decisions, at any depth. */
  readonly isFolder: (folder: string) => boolean;
}

/** Tells where the decisions of a family lie. */
export function placesOfDecisions(kinds: readonly AnyDecisionKind[]): DecisionPlaces {
  return { isDecision: (path) => decisionKindAt(kinds, path) !== undefined, isFolder: folderFinder(kinds) };
}

/** Hands the family to the fold, which knows no path templates. */
export function findKindIn(kinds: readonly AnyDecisionKind[]): FindKind {
  return (path) => {
    const kind = decisionKindAt(kinds, path);
    return kind && { kind, belongs: (document) => pathOf(kind, kind.keyOf(document)) === path };
  };
}
