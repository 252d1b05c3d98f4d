import type { Oid } from "../../src/kernel/oid.ts";
import type { Account, Forge, ProposalPage, ProposalStatus, Review } from "../../src/ports/forge.ts";

/** A pull request as the forge under test keeps it. */
export interface TestPull {
  readonly number: number;
  readonly branch: string;
  /** Number of the repository that its head lies in. */
  readonly headRepository: number;
  author: Account | null;
  /** Head of a fork, or the last one seen. */
  head: Oid;
  base: Oid;
  state: "open" | "merged" | "closed";
  retargeted: boolean;
  merged: { at: string; by: Account | null; commit: Oid } | null;
  readonly reviews: Review[];
  page: ProposalPage | null;
  readonly statuses: (ProposalStatus & { readonly on: Oid; readonly by: string })[];
  readonly comments: { readonly event: string; readonly text: string }[];
  /** Times that title or body were written. */
  writes: number;
}

/** What the forge does not let the tool do, or fails at; a name of a call fails it until it is removed. */
export interface Faults {
  readonly failing: Set<keyof Forge>;
  mayOpen: boolean;
  /** The call is done and its answer is lost, once. */
  loseAnswerOf: keyof Forge | null;
}
