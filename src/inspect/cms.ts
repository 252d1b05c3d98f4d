import { asn1Children, asn1Problems, octets, readAsn1, type Asn1 } from "./asn1.ts";

const SEQUENCE = 0x30;
const CONTEXT_0 = 0xa0;
const MOST_CERTIFICATES = 64;

/** Gives the bytes that a CMS message (RFC 5652) signs. Its signature is not checked. */
export function cmsContent(message: Uint8Array): Uint8Array {
  return octets(cmsContentValue(message));
}

/** Gives what a CMS message signs as a value, where that is not a string of bytes. */
export function cmsContentValue(message: Uint8Array): Asn1 {
  const [, , encapsulated] = signedData(message);
  const wrapped = encapsulated === undefined ? undefined : asn1Children(encapsulated)[1];
  const [content] = wrapped === undefined ? [] : asn1Children(wrapped);
  if (content === undefined) throw asn1Problems.error("bad_value", "The signed message holds no content");
  return content;
}

/** Gives the certificates that a CMS message carries, as DER, in their order. */
export function cmsCertificates(message: Uint8Array): readonly Uint8Array[] {
  const set = signedData(message).find((part) => part.tag === CONTEXT_0);
  const certificates = set === undefined ? [] : asn1Children(set).filter((part) => part.tag === SEQUENCE);
  if (certificates.length > MOST_CERTIFICATES)
    throw asn1Problems.error("too_many", `A message carries more than ${MOST_CERTIFICATES} certificates`);
  return certificates.map((certificate) => certificate.whole);
}

/** ContentInfo { type, [0] SignedData { version, digest algorithms, content, certificates, … } }. */
function signedData(message: Uint8Array): readonly Asn1[] {
  const [, wrapped] = asn1Children(readAsn1(message));
  const [signed] = wrapped === undefined ? [] : asn1Children(wrapped);
  if (signed?.tag !== SEQUENCE) throw asn1Problems.error("bad_value", "The bytes are no signed message");
  return asn1Children(signed);
}
