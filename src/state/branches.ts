/** Facts: written by the tool only, one commit per operation. */
export const STATE = "waybill/state";
/** Decisions: merged proposals only. */
export const DECISIONS = "waybill/decisions";
/** Derived database for readers; can be deleted and rebuilt. */
export const SNAPSHOT = "waybill/snapshot";
/** Prefix of open proposals; the rest is the proposal id. */
export const PROPOSALS = "waybill/proposal/";
