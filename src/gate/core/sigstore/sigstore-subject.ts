import { createHash } from "node:crypto";
import type { Bundle } from "@sigstore/bundle";
import { HashAlgorithm } from "@sigstore/protobuf-specs";
import { parseInputJson } from "../../../kernel/input-json.ts";
import { isData, type Json } from "../../../kernel/json.ts";

/** What a statement of a workflow about a file that it made looks like. Source: in-toto attestation framework, DSSE envelope. */
const STATEMENT = "application/vnd.in-toto+json";
const STATEMENT_TYPES: readonly Json[] = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"];
/** The one predicate that says no more than who made the bytes: others may say anything of them, that they are wrong too. */
const PROVENANCE = "https://slsa.dev/provenance/v1";

/** Says why a bundle is not about these bytes; null where it is. Whether its signature is right is asked elsewhere. */
export function aboutProblem({ content }: Bundle, bytes: Uint8Array): string | null {
  if (content.$case === "dsseEnvelope") return statementProblem(content.dsseEnvelope, bytes);
  const { algorithm, digest } = content.messageSignature.messageDigest;
  const isSame =
    algorithm === HashAlgorithm.SHA2_256 && Buffer.from(digest).toString("hex") === digestOf("sha256", bytes);
  return isSame ? null : OTHER_BYTES;
}

const OTHER_BYTES = "it is about other bytes";

function statementProblem(envelope: { readonly payloadType: string; readonly payload: Uint8Array }, bytes: Uint8Array) {
  if (envelope.payloadType !== STATEMENT) return "it holds something else than an in-toto statement";
  const statement = parseInputJson(envelope.payload, { what: "the statement", code: "schema.invalid" }).value;
  if (!isData(statement) || !STATEMENT_TYPES.includes(statement["_type"] ?? null)) return "its statement is none";
  if (statement["predicateType"] !== PROVENANCE) return `its statement is another than ${PROVENANCE}`;
  const subjects = statement["subject"];
  const [subject, more] = isList(subjects) ? subjects : [];
  if (!isData(subject) || !isData(subject["digest"]) || more !== undefined)
    return "its statement has another number of subjects than one";
  return isOf(subject["digest"], bytes) ? null : OTHER_BYTES;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Every digest that is known must be that of the bytes, and one at least must be there. */
function isOf(digest: Readonly<Record<string, Json>>, bytes: Uint8Array): boolean {
  const known = (["sha256", "sha512"] as const).filter((name) => Object.hasOwn(digest, name));
  return known.length > 0 && known.every((name) => digest[name] === digestOf(name, bytes));
}

function digestOf(algorithm: "sha256" | "sha512", bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest("hex");
}
