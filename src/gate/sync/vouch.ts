import type { Signer } from "../../ports/signer.ts";
import type { DecisionEvidenceV1 } from "../../schema/types.gen.ts";
import { bundleSignerOf } from "../view/bundle-signer.ts";
import { attestorWithKey, findAttestor } from "../core/attested.ts";
import type { Decisions } from "../core/decisions.ts";
import { attestedBytes } from "../core/evidence.ts";
import { withoutComment } from "../core/ssh/openssh-key.ts";
import { EVIDENCE_NAMESPACE } from "../core/ssh/sshsig.ts";
import { asAttested, attest } from "./evidence.ts";

/** Adds an attestor's word to evidence of a merge; `before` is the view that names attestors. Says why where there is none. */
export type Vouch = (
  before: Decisions,
  plain: DecisionEvidenceV1,
) => Promise<DecisionEvidenceV1 | { readonly why: string }>;

/** Lets the key of this run vouch, where policy names it. */
export function vouchedByKey(attestor: Signer | null): Vouch {
  return async ({ policy }, plain) => {
    const isNamed = attestor !== null && attestorWithKey(policy.document, withoutComment(attestor.publicKey)) !== null;
    return isNamed ? attest(plain, attestor) : { why: whyNoKey(policy.document) };
  };
}

function whyNoKey({ attestors }: Decisions["policy"]["document"]): string {
  const isByBundle = Object.values(attestors).some(({ sigstore }) => sigstore !== undefined);
  const besides = isByBundle ? "; a workflow that policy names signs what waybill gate evidence prints" : "";
  return `policy asks for an attestor's signature, and no such key is here${besides}`;
}

/** Lets a bundle that was made elsewhere vouch for one proposal's evidence; others are left to the key of this run. */
export function vouchedByBundle(of: string, bundle: string, otherwise: Vouch): Vouch {
  return async (before, plain) => {
    if (plain.proposal_id !== of) return otherwise(before, plain);
    const evidence: DecisionEvidenceV1 = { ...asAttested(plain), bundle };
    const bytes = attestedBytes(evidence);
    const signer = await bundleSignerOf(before, bundle, bytes);
    if (typeof signer === "string") return { why: `the bundle vouches for nothing here: ${signer}` };
    const policy = before.policy.document;
    const attestor = findAttestor(evidence, { namespace: EVIDENCE_NAMESPACE, bytes, policy, bundleBy: signer });
    const { repositoryId, workflow, issuer } = signer;
    if (attestor === null)
      return {
        why: `${workflow} of repository ${repositoryId}, by ${issuer}, signed it, which is no attestor of policy`,
      };
    return evidence;
  };
}
