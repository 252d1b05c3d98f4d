import type { DocumentActor, DocumentName, Documents, RequestedRun, StateSeen } from "../../schema/types.gen.ts";

/** The header that every decision has (spec/trust.md section 4). */
export interface DecisionHeader {
  readonly repo_id: string;
  readonly proposal_id: string;
  /** The decision of the same path in force before; null for the first. */
  readonly from: { readonly proposal_id: string } | null;
  readonly state_seen: StateSeen;
  readonly requested_by: DocumentActor;
  readonly requested_at: string;
  readonly reason: string;
  readonly requested_run?: RequestedRun;
  readonly replaces?: string;
}

/** Finds the header of a document; undefined where it is no decision, as the pointer of an `auto` channel. */
export function headerOf(document: Documents[DocumentName]): DecisionHeader | undefined {
  if (!("proposal_id" in document) || !("requested_by" in document)) return undefined;
  const { state_seen, requested_run, replaces } = document;
  if (state_seen === undefined) return undefined;
  return {
    repo_id: document.repo_id,
    proposal_id: document.proposal_id,
    from: document.from,
    state_seen,
    requested_by: document.requested_by,
    requested_at: document.requested_at,
    reason: document.reason,
    ...(requested_run === undefined ? {} : { requested_run }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}
