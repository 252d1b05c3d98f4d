import type { DecisionEvidenceV1 } from "../../schema/types.gen.ts";
import type { BundleSigner } from "../core/attested.ts";
import type { Decisions } from "../core/decisions.ts";
import { attestedBytes } from "../core/evidence.ts";

/** Path of the trusted roots, a decision like any other. */
export const SIGSTORE_ROOT = "config/sigstore-root.json";

/** What is said where no decision names roots. */
export const ROOTLESS = `${SIGSTORE_ROOT} is not in force`;

type Roots = Pick<Decisions, "find">;

/** Names who signed the bundle of evidence, by the trusted roots of a view; null where it has none, or nobody whom they prove. */
export async function evidenceSigner(before: Roots, evidence: DecisionEvidenceV1 | null): Promise<BundleSigner | null> {
  if (evidence?.bundle === undefined) return null;
  const signer = await bundleSignerOf(before, evidence.bundle, attestedBytes(evidence));
  return typeof signer === "string" ? null : signer;
}

/**
 * Names who signed a Sigstore bundle over these bytes, by the trusted roots of a view; a text says why nobody whom they prove. What
 * reads bundles is large, and loaded where there is one and a root to hold it against.
 */
export async function bundleSignerOf(before: Roots, bundle: string, bytes: Uint8Array): Promise<BundleSigner | string> {
  const document = before.find(SIGSTORE_ROOT)?.document;
  if (document === undefined || !("trusted_roots" in document)) return ROOTLESS;
  const { bundleSigner } = await import("../core/sigstore/sigstore.ts");
  return bundleSigner(bundle, { bytes, roots: document.trusted_roots });
}
