import { type Data, isData } from "../../kernel/json.ts";

/** What lists, pages and identity rules take from the facts of an inspection; null where the bytes do not say. */
export interface ArtifactFacts {
  readonly identity: string | null;
  readonly version: string | null;
  readonly build: string | null;
  readonly minOs: string | null;
  /** In the graded words: `unsigned`, `present`, `digest_verified`, `signature_verified`, `stapled`. */
  readonly signature: string | null;
  /** SHA-256 of signer certificates. */
  readonly signers: readonly string[];
  readonly permissions: readonly string[];
  readonly architectures: readonly string[];
  readonly expiresAt: string | null;
}

/** Reads the facts that every format calls by the same names; what has another type counts as not said. */
export function factsOf(facts: Readonly<Record<string, unknown>>): ArtifactFacts {
  const signature = facts["signature"];
  const signed: Data = isData(signature) ? signature : {};
  return {
    identity: text(facts["identity"]),
    version: text(facts["version"]),
    build: text(facts["build"]),
    minOs: text(facts["minimum_os"]),
    signature: text(signed["grade"]) ?? text(signature) ?? text(facts["code_signature"]),
    signers: list(signed["signers"]).flatMap((signer) =>
      isData(signer) ? (text(signer["certificate_sha256"]) ?? []) : [],
    ),
    permissions: list(facts["permissions"]).flatMap((permission) => text(permission) ?? []),
    architectures: list(facts["architectures"]).flatMap((architecture) => text(architecture) ?? []),
    expiresAt: text(facts["expires_at"]),
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function list(value: unknown): readonly unknown[] {
  return isList(value) ? value : [];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
