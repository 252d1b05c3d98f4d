/** Facts that every format names alike, whatever else it says. */
export interface KnownFacts {
  /** Bundle, package or product id. */
  readonly identity: string | null;
  readonly version: string | null;
  readonly build: string | null;
  readonly minimumOs: string | null;
  readonly architectures: readonly string[];
  /** How much of the signature was checked, never more; null where the format has none that is read. */
  readonly signatureGrade: string | null;
  /** Subjects of the certificates that signed. */
  readonly signers: readonly string[];
}

/** Picks the common facts of an inspection; what has another form counts as not said. */
export function knownFacts(facts: Readonly<Record<string, unknown>>): KnownFacts {
  const signature = facts["signature"];
  const signed = isRecord(signature) ? signature : {};
  return {
    identity: textOf(facts["identity"]),
    version: textOf(facts["version"]),
    build: textOf(facts["build"]),
    minimumOs: textOf(facts["minimum_os"]),
    architectures: textsOf(facts["architectures"]),
    signatureGrade: textOf(signed["grade"]),
    signers: subjectsOf(signed["signers"]),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function subjectsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((signer: unknown) => (isRecord(signer) ? (textOf(signer["subject"]) ?? []) : []));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
