import type { PolicyV1 } from "../../schema/types.gen.ts";
import { printPublicKey } from "./ssh/openssh-key.ts";
import { isSignatureOf, parseSignatures } from "./ssh/sshsig.ts";

/** What an attestor adds to a document, beside the document's other members. At most one of the two: with both, nobody vouches. */
export interface Attestation {
  /** Armoured SSH signature over the rest of the document. */
  readonly signature?: string;
  /** Sigstore bundle over the rest of the document. */
  readonly bundle?: string;
}

/** The workflow that signed a Sigstore bundle, as its certificate says. */
export interface BundleSigner {
  /** The forge's numeric id as text. */
  readonly repositoryId: string;
  /** `path@ref`, for example `.github/workflows/waybill-gate-sync.yml@refs/heads/main`. */
  readonly workflow: string;
  /** Who vouched for the identity, for example {@link GITHUB_ISSUER}. */
  readonly issuer: string;
}

/** Who vouches for workflows of GitHub Actions: what an attestor without `issuer` means. */
export const GITHUB_ISSUER = "https://token.actions.githubusercontent.com";

/** What an attestation must be about to count. */
export interface AttestedOn {
  readonly namespace: string;
  readonly bytes: Uint8Array;
  readonly policy: PolicyV1;
  /** Who signed the bundle over exactly these bytes, proven against the trusted roots that are in force with that policy. */
  readonly bundleBy?: BundleSigner | null;
}

/** Tells whether one attestor that policy names vouches for exactly these bytes, in this namespace. */
export function isAttested(attestation: Attestation, on: AttestedOn): boolean {
  return findAttestor(attestation, on) !== null;
}

/** Names the attestor of policy that vouches for exactly these bytes; null where none does. */
export function findAttestor({ signature, bundle }: Attestation, on: AttestedOn): string | null {
  if ((signature === undefined) === (bundle === undefined)) return null;
  return signature === undefined ? byBundle(on) : byKey(signature, on);
}

/** Names the attestor of policy with this public key, in OpenSSH's form without comment; null where it is nobody's. */
export function attestorWithKey(policy: PolicyV1, publicKey: string): string | null {
  const line = publicKey.replaceAll("=", "");
  return nameOf(policy, ({ key }) => key?.replaceAll("=", "") === line);
}

function byKey(signature: string, { namespace, bytes, policy }: AttestedOn): string | null {
  try {
    const [one, ...more] = parseSignatures(new TextEncoder().encode(signature));
    if (one === undefined || more.length > 0 || !isSignatureOf(one, namespace, bytes)) return null;
    return attestorWithKey(policy, printPublicKey(one.key));
  } catch {
    return null;
  }
}

function byBundle({ policy, bundleBy }: AttestedOn): string | null {
  if (bundleBy === undefined || bundleBy === null) return null;
  return nameOf(policy, ({ sigstore }) => sigstore !== undefined && isSameWorkflow(sigstore, bundleBy));
}

type Attestor = PolicyV1["attestors"][string];

function nameOf({ attestors }: PolicyV1, isIt: (attestor: Attestor) => boolean): string | null {
  return Object.entries(attestors).find(([, attestor]) => isIt(attestor))?.[0] ?? null;
}

function isSameWorkflow(named: NonNullable<Attestor["sigstore"]>, signer: BundleSigner): boolean {
  return (
    String(named.repository_id) === signer.repositoryId &&
    named.workflow === signer.workflow &&
    (named.issuer ?? GITHUB_ISSUER) === signer.issuer
  );
}
