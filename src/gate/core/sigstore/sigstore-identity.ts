import type { Signer } from "@sigstore/verify";
import type { BundleSigner } from "../attested.ts";

/** Extensions of Fulcio's certificates. Source: github.com/sigstore/fulcio docs/oid-info.md, "Extension values" and "Directory". */
const FULCIO = "1.3.6.1.4.1.57264.1";
const ISSUER = 8;
const BUILD_SIGNER_URI = 9;
const SOURCE_REPOSITORY_URI = 12;
const SOURCE_REPOSITORY_REF = 14;
const SOURCE_REPOSITORY_ID = 15;
const BUILD_CONFIG_URI = 18;

/** Tag of a UTF8String in DER. */
const UTF8_STRING = 0x0c;

type Identity = NonNullable<Signer["identity"]>;

/**
 * Reads which workflow a certificate was issued to; a text says why to none. The workflow that was started must be the one that
 * signs, must lie in the repository whose id the certificate names, and must have run at its own ref: a reusable workflow that others
 * call is nobody's, because its callers say what it signs, and a run of a pull request is at `refs/pull/…`. Names may change, so
 * owner and name of the repository are only compared within the certificate.
 */
export function workflowOf(identity: Identity): BundleSigner | string {
  const of = (extension: number) => extensionOf(identity, extension);
  const [issuer, repositoryId, repository] = [of(ISSUER), of(SOURCE_REPOSITORY_ID), of(SOURCE_REPOSITORY_URI)];
  const [started, signing, ref] = [of(BUILD_CONFIG_URI), of(BUILD_SIGNER_URI), of(SOURCE_REPOSITORY_REF)];
  if (issuer === null || repositoryId === null || repository === null || started === null || ref === null)
    return "its certificate was not issued to a workflow";
  if (started !== signing || started !== identity.subjectAlternativeName)
    return "another workflow signed it than the one that was started";
  if (!started.startsWith(`${repository}/`))
    return "its workflow lies in another repository than the one that it ran for";
  const workflow = started.slice(repository.length + 1);
  if (!workflow.endsWith(`@${ref}`)) return "its workflow ran for another ref than its own";
  return { repositoryId, workflow, issuer };
}

/** Value of an extension that is there exactly once. */
function extensionOf({ oids = [] }: Identity, extension: number): string | null {
  const [one, ...more] = oids.filter(({ oid }) => oid?.id.join(".") === `${FULCIO}.${extension}`);
  return one === undefined || more.length > 0 ? null : utf8Of(one.value);
}

/** Text of a DER UTF8String that has nothing around it; null where it is something else. */
function utf8Of(der: Buffer): string | null {
  const [tag, first] = der;
  if (tag !== UTF8_STRING || first === undefined) return null;
  const wide = first < 0x80 ? 0 : first - 0x80;
  if (wide > 2) return null;
  const length = wide === 0 ? first : der.readUIntBE(2, wide);
  const text = der.subarray(2 + wide);
  return text.length === length ? new TextDecoder("utf-8", { fatal: true }).decode(text) : null;
}
