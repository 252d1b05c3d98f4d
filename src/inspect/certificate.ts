import { X509Certificate } from "node:crypto";
import { sha256Hex } from "../kernel/digest.ts";
import type { Data } from "../kernel/json.ts";
import { printable } from "../kernel/text.ts";
import { timestamp } from "../kernel/time.ts";

/** What is said of a certificate; it is read, its chain is not judged. */
export interface Certificate {
  readonly sha256: string;
  readonly subject: string;
  readonly notAfter: string | null;
  /** True for a certificate that may sign others. */
  readonly isAuthority: boolean;
  /** Public key as SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
}

/** Reads a DER certificate; null when it is none. The digest is that of the bytes given. */
export function readCertificate(der: Uint8Array): Certificate | null {
  try {
    const certificate = new X509Certificate(der);
    const expires = new Date(certificate.validTo);
    return {
      sha256: sha256Hex(der),
      subject: printable(certificate.subject.split("\n").join(", ")),
      notAfter: Number.isNaN(expires.getTime()) ? null : timestamp(expires),
      isAuthority: certificate.ca,
      publicKey: certificate.publicKey.export({ format: "der", type: "spki" }),
    };
  } catch {
    return null;
  }
}

/** A signer as facts say it. */
export function signerFact(certificate: Certificate): Data {
  return { certificate_sha256: certificate.sha256, subject: certificate.subject, not_after: certificate.notAfter };
}
