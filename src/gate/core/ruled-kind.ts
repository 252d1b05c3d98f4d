import type { DocumentName, Documents } from "../../schema/types.gen.ts";
import type { Decision, Decisions } from "./decisions.ts";
import type { Requirement } from "./requirement.ts";
import type { RuleResult } from "./verdict.ts";

/** The pure half of a decision kind: all that the fold needs. */
export interface RuledKind<N extends DocumentName = DocumentName> {
  /** For example `channel`, `yank`, `policy`, `principals`. */
  readonly kind: string;
  readonly schema: N;
  /** Path template of the one decision file, for example `channels/{app}/{channel}.json`. */
  readonly path: string;
  keyOf(document: Documents[N]): Readonly<Record<string, string>>;
  /** Further files of the kind besides the decision file and its `.sig`, with how to make them (CODEOWNERS from policy.json). */
  beside?(document: Documents[N]): ReadonlyMap<string, Uint8Array>;
  /** Title of the proposal, for example `Promote acme-notes 1.4.0 (412) to stable`. */
  title(document: Documents[N], before: Decision | undefined): string;
  requirement(document: Documents[N], before: Decisions): Requirement;
  /**
   * Pure: every rule besides header, people, number and proof, from the view before, the merge time, and whether a person of policy
   * signed the request; so the fold needs no facts.
   */
  rules(
    document: Documents[N],
    before: Decisions,
    at: string,
    requester: { readonly verified: boolean },
  ): readonly RuleResult[];
}

/** A kind that a path belongs to, and whether a document belongs to that path. */
export interface KindAt {
  readonly kind: RuledKind;
  belongs(document: Documents[DocumentName]): boolean;
}

/** Finds the kind of a path; undefined where no kind has it. */
export type FindKind = (path: string) => KindAt | undefined;
