import type { PolicyV1 } from "../../schema/types.gen.ts";
import { printPublicKey } from "./openssh-key.ts";
import { isSignatureOf, parseSignatures } from "./sshsig.ts";

/** What an attestor adds to a document, beside the document's other members. */
export interface Attestation {
  /** Armoured SSH signature over the rest of the document. */
  readonly signature?: string;
}

/** Tells whether one attestor that policy names vouches for exactly these bytes, in this namespace. */
export function isAttested(
  { signature }: Attestation,
  on: { readonly namespace: string; readonly bytes: Uint8Array; readonly policy: PolicyV1 },
): boolean {
  if (signature === undefined) return false;
  const keys = Object.values(on.policy.attestors).map(({ key }) => key.replaceAll("=", ""));
  try {
    const [one, ...more] = parseSignatures(new TextEncoder().encode(signature));
    if (one === undefined || more.length > 0) return false;
    const isNamed = keys.includes(printPublicKey(one.key).replaceAll("=", ""));
    return isNamed && isSignatureOf(one, on.namespace, on.bytes);
  } catch {
    return false;
  }
}
