import { ToolError } from "../../kernel/errors.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import type { KeptFile } from "../../ports/files.ts";
import type { CachedDecisionV1 } from "../../schema/types.gen.ts";
import type { Decision, DecisionProof } from "../core/decisions.ts";
import type { FoldOn } from "../core/shape.ts";

/** What is known of a remembered decision before its line is read. */
type RememberedEntry = Pick<Decision, "path" | "proposalId" | "commit" | "mergedAt">;

/** What all remembered decisions have in common. */
interface Remembered {
  readonly on: FoldOn;
  readonly file: KeptFile;
  /** Of the file, in errors. */
  readonly name: string;
}

/**
 * A decision that an earlier run folded. Its line is read when somebody asks for more than its entry: of a long history hardly anybody
 * does. What it reads it throws `file.unreadable` for where that is damaged.
 */
export class RememberedDecision implements Decision {
  readonly path: string;
  readonly proposalId: string;
  readonly commit: Oid;
  readonly mergedAt: string;
  readonly #of: Remembered;
  readonly #from: number;
  readonly #to: number;
  #rest: CachedDecisionV1 | undefined;
  #document: Decision["document"] | undefined;

  /** Its line lies between two places of the file. */
  constructor(of: Remembered, { path, proposalId, commit, mergedAt }: RememberedEntry, from: number, to: number) {
    this.path = path;
    this.proposalId = proposalId;
    this.commit = commit;
    this.mergedAt = mergedAt;
    this.#of = of;
    this.#from = from;
    this.#to = to;
  }

  /** As it was written, with its end. */
  get line(): Uint8Array {
    return this.#of.file.part(this.#from, this.#to);
  }

  get document(): Decision["document"] {
    this.#document ??= this.#read(() => {
      const kind = this.#of.on.findKind(this.path)?.kind;
      if (kind === undefined) throw damaged(this.#of.name);
      return this.#of.on.schemas.check(kind.schema, this.#cached.document, this.path);
    });
    return this.#document;
  }

  get sha256(): string {
    return this.#cached.sha256;
  }

  get grade(): Decision["grade"] {
    return this.#cached.grade;
  }

  get attestor(): string | undefined {
    return this.#cached.attestor;
  }

  get approvers(): readonly string[] {
    return this.#cached.approvers;
  }

  get selfApproved(): boolean {
    return this.#cached.self_approved;
  }

  get proof(): DecisionProof | null {
    return this.#read(() => proofFrom(this.#cached.proof, this.#of.name));
  }

  get #cached(): CachedDecisionV1 {
    this.#rest ??= this.#read(() =>
      this.#of.on.schemas.check("cached-decision.v1", JSON.parse(new TextDecoder().decode(this.line)), this.#of.name),
    );
    return this.#rest;
  }

  /** Long after the fold began there is no other way to go on: who may write to the file says so, or removes it. */
  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw damaged(this.#of.name, cause);
    }
  }
}

/** Prints a decision as it is remembered, besides its entry. */
export function toCached({
  document,
  sha256,
  grade,
  attestor,
  approvers,
  selfApproved,
  proof,
}: Decision): CachedDecisionV1 {
  return {
    schema: "cached-decision.v1",
    document: { ...document },
    sha256,
    grade,
    ...(attestor === undefined ? {} : { attestor }),
    approvers,
    self_approved: selfApproved,
    proof: proof && {
      base: proof.base,
      head: proof.head,
      merged_by: proof.mergedBy,
      approvals: proof.approvals.map(({ person, id, method }) => ({ person, id, method })),
      requesters: proof.requesters,
      requester_verified: proof.requesterVerified,
      rules: proof.rules.map(({ rule, status, message }) => ({ rule, status, message })),
      policy_sha256: proof.policySha256,
    },
  };
}

function proofFrom(cached: CachedDecisionV1["proof"], file: string): DecisionProof | null {
  if (cached === null) return null;
  const { base, head, merged_by, requester_verified, policy_sha256, ...proof } = cached;
  return {
    ...proof,
    base: rememberedOid(base, file),
    head: rememberedOid(head, file),
    mergedBy: merged_by,
    requesterVerified: requester_verified,
    policySha256: policy_sha256,
  };
}

/** Reads an id that was remembered. Throws `file.unreadable`. */
export function rememberedOid(text: string, file: string): Oid {
  if (isOid(text)) return text;
  throw damaged(file);
}

function damaged(file: string, cause?: unknown): ToolError {
  return new ToolError("file.unreadable", `What was remembered of decisions in ${file} is damaged`, {
    data: { file },
    hints: [`Remove ${file}; it is made again from the branches`],
    cause,
  });
}
