import type { NotOpened } from "./open-pull.ts";
import type { Refused } from "../../kernel/errors.ts";
import type { Proposal } from "../../ports/forge.ts";
import type { Signer } from "../../ports/signer.ts";
import type { DocumentName, Documents, RequestedRun } from "../../schema/types.gen.ts";
import type { Key } from "../../state/document-kind.ts";
import type { View } from "../../state/view.ts";
import type { Decisions } from "../core/decisions.ts";
import type { DecisionHeader } from "../core/header.ts";
import type { Verdict } from "../core/verdict.ts";
import type { DecisionKind } from "../decision-kind.ts";

/** What a proposing command asks for. */
export interface ProposalRequest<N extends DocumentName> {
  readonly kind: DecisionKind<N>;
  /** Key of the decision file. */
  readonly key: Key;
  readonly reason: string;
  /** The workflow run that asks, where there is one. */
  readonly requestedRun?: RequestedRun;
  /** Signs the request; null where the caller has no key. */
  readonly signer: Signer | null;
  /** The document around the header, from facts and the view; pure but for reading `facts`. May widen `from`. */
  draft(header: DecisionHeader, facts: View, decisions: Decisions): Promise<Documents[N] | Refused>;
}

/** An open proposal, made now or found. */
export interface Proposed<N extends DocumentName> {
  readonly proposal: Proposal;
  readonly document: Documents[N];
  readonly path: string;
  readonly title: string;
  /** Where a person opens the pull request, where the forge does not let the tool do it; else null. */
  readonly notOpened: NotOpened | null;
  /** What policy says of it now. */
  readonly verdict: Verdict;
  /** False where the same request had opened it before, and nothing was written; true also for a dry run. */
  readonly created: boolean;
}
