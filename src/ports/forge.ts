import type { Act } from "../kernel/act.ts";
import type { Refused } from "../kernel/errors.ts";
import type { Data } from "../kernel/json.ts";
import type { Oid } from "../kernel/oid.ts";
import type { Verdict } from "../gate/core/verdict.ts";

/** A proposal: a branch whose diff is one decision, and on a forge its pull request. */
export interface Proposal {
  readonly id: string;
  readonly number: number | null;
  /** Commit on the decisions branch that the proposal starts from. */
  readonly base: Oid;
  readonly head: Oid;
  readonly state: "open" | "merged" | "closed";
  readonly url: string | null;
  /** Made outside this repository, for example from a fork. */
  readonly foreign: boolean;
}

/** Proposals as the forge keeps them. Drivers: local (src/gate, over the git store); github later. A signature is no forge call. */
export interface Forge {
  open(id: string, head: Oid, title: string, body: string): Promise<Proposal | { readonly compareUrl: string }>;
  list(state: "open"): AsyncIterable<Proposal>;
  find(id: string): Promise<Proposal | null>;
  /** Reviews, timeline and times as the forge gives them; judged in gate. The local forge has none. */
  answers(proposal: Proposal): Promise<Data>;
  post(proposal: Proposal, verdict: Verdict): Promise<void>;
  comment(proposal: Proposal, text: string): Promise<void>;
  close(proposal: Proposal): Promise<void>;
  merge(proposal: Proposal, head: Oid, act: Act): Promise<{ readonly commit: Oid } | Refused>;
  visibility(): Promise<"public" | "private" | "unknown">;
}
