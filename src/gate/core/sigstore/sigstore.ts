import { type Bundle, bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot as RootMessage } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, type TrustMaterial, Verifier } from "@sigstore/verify";
import { parseInputJson } from "../../../kernel/input-json.ts";
import { isData, type Json } from "../../../kernel/json.ts";
import { printable } from "../../../kernel/text.ts";
import type { TrustedRoot } from "../../../schema/types.gen.ts";
import type { BundleSigner } from "../attested.ts";
import { workflowOf } from "./sigstore-identity.ts";
import { aboutProblem } from "./sigstore-subject.ts";

/** Largest bundle that is looked at, in characters: 64 KiB; those of workflows have 5 to 15. */
export const MAX_BUNDLE = 65_536;
const BUNDLE = { what: "the bundle", code: "schema.invalid", maxBytes: 4 * MAX_BUNDLE } as const;
/** Most log entries and times that a bundle may bring; one or two are usual. */
const MAX_ENTRIES = 8;
/** The library takes the name of a log's signature as a regular expression, so only names that are none go there. */
const LOG_NAME = /^[A-Za-z0-9.:/_-]{1,200}$/;

/** What a bundle must be over, and whom to believe. */
export interface BundleOn {
  readonly bytes: Uint8Array;
  readonly roots: readonly TrustedRoot[];
}

/**
 * Names the workflow that signed a Sigstore bundle over exactly these bytes; a text says why none did. Asks nobody and reads no
 * clock: the time of signing is what a log or a time authority of the root vouches for. Whatever the bundle is, it answers.
 */
export function bundleSigner(bundle: string, { bytes, roots }: BundleOn): BundleSigner | string {
  if (bundle.length > MAX_BUNDLE) return `it is larger than ${MAX_BUNDLE} characters`;
  const json = attempt(() => [parseInputJson(Buffer.from(bundle), BUNDLE).value]);
  if (typeof json === "string") return json;
  if (json.some(hasLength)) return "a member of it claims a length";
  const parsed = attempt(() => bundleFromJSON(json[0]));
  if (typeof parsed === "string") return parsed;
  const problem = attempt(() => aboutProblem(parsed, bytes) ?? formProblem(parsed) ?? []);
  if (typeof problem === "string") return problem;
  let why = "no trusted root is in force";
  for (const root of roots) {
    const signer = attempt(() => signerBy(parsed, bytes, materialOf(root)));
    if (typeof signer !== "string") return signer;
    why = signer;
  }
  return why;
}

/** Says why a trusted root cannot be used; null where it can. */
export function rootProblem(root: TrustedRoot): string | null {
  const material = attempt(() => materialOf(root));
  if (typeof material === "string") return material;
  const { tlogs, timestampAuthorities } = material;
  return tlogs.length + timestampAuthorities.length > 0 ? null : "nothing in it says when something was signed";
}

function materialOf(root: TrustedRoot): TrustMaterial {
  return toTrustMaterial(RootMessage.fromJSON(root));
}

/** A root without logs is of an instance that keeps none, as the one for private repositories of GitHub: times vouch there. */
function signerBy(bundle: Bundle, bytes: Uint8Array, material: TrustMaterial): BundleSigner | string {
  const verifier = new Verifier(material, {
    ctlogThreshold: material.ctlogs.length > 0 ? 1 : 0,
    tlogThreshold: material.tlogs.length > 0 ? 1 : 0,
    timestampThreshold: 1,
  });
  const { identity } = verifier.verify(toSignedEntity(bundle, Buffer.from(bytes)));
  return workflowOf(identity ?? {});
}

/** The library makes bytes of whatever stands where base64 should: of an object with a `length`, as many as that says. */
function hasLength(json: Json): boolean {
  if (typeof json !== "object" || json === null) return false;
  return (isData(json) && Object.hasOwn(json, "length")) || Object.values(json).some(hasLength);
}

function formProblem({ verificationMaterial }: Bundle): string | null {
  const { tlogEntries, timestampVerificationData } = verificationMaterial;
  const times = timestampVerificationData?.rfc3161Timestamps.length ?? 0;
  if (tlogEntries.length > MAX_ENTRIES || times > MAX_ENTRIES)
    return "it brings more log entries or times than it needs";
  const envelopes = tlogEntries.map(({ inclusionProof }) => inclusionProof?.checkpoint?.envelope ?? "");
  const names = envelopes.flatMap((envelope) => [...envelope.matchAll(/\u2014 (\S+)/g)].map(([, name]) => name ?? ""));
  return names.every((name) => LOG_NAME.test(name)) ? null : "the name of a log in it is none";
}

/** Answers a text in place of an error: what is wrong with bytes from outside is an answer here. */
function attempt<T>(work: () => T): T | string {
  try {
    return work();
  } catch (cause) {
    return printable(cause instanceof Error ? cause.message : "it cannot be read", 300);
  }
}
