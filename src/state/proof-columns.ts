import type { ApprovedBy, Grade } from "../schema/types.gen.ts";
import type { DecidedBy } from "./document-kind.ts";

/** What results say of how a document came into force. */
export interface ShownProof {
  /** Null for facts, and for what the root commit holds. */
  readonly grade: Grade | null;
  readonly self_approved: boolean;
  /** Attestor of policy that vouches for the evidence, where one does. */
  readonly attestor?: string;
  readonly approved_by: readonly ApprovedBy[];
}

/** The proof of a fact: none is asked. */
export const NO_PROOF: ShownProof = { grade: null, self_approved: false, approved_by: [] };

/** Says what proves that a document is in force. */
export function shownProof(decided: DecidedBy | null | undefined): ShownProof {
  if (!decided) return NO_PROOF;
  const { grade, selfApproved, attestor, proof } = decided;
  return {
    grade,
    self_approved: selfApproved,
    ...(attestor === undefined ? {} : { attestor }),
    approved_by: (proof?.approvals ?? []).map(({ person, method, id }) => ({ person, method, id })),
  };
}

/** Columns of a snapshot table that hold a proof. */
export const proofColumns = {
  grade: "text",
  self_approved: "integer",
  attestor: "text",
  approved_by: "text",
} as const;

/** A proof in the columns of a snapshot table: approvals are words `person:method:id`. */
export function proofRow(
  decided: DecidedBy | null,
): Readonly<Record<keyof typeof proofColumns, string | number | null>> {
  const { grade, self_approved: own, attestor = null, approved_by: approvals } = shownProof(decided);
  const words = approvals.map(({ person, method, id }) => `${person}:${method}:${id}`);
  return { grade, self_approved: own ? 1 : 0, attestor, approved_by: words.join(" ") };
}

/** Reads approvals from the words of {@link proofRow}. */
export function approvalsIn(words: readonly string[]): readonly ApprovedBy[] {
  return words.flatMap((word) => {
    const [person = "", how, ...id] = word.split(":");
    const method = METHODS.find((one) => one === how);
    return method === undefined ? [] : [{ person, method, id: id.join(":") }];
  });
}

const METHODS: readonly ApprovedBy["method"][] = ["signature", "review", "merge"];
