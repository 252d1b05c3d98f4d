import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type CA, initializeCA, initializeCTLog } from "@sigstore/mock/dist/fulcio/index.js";
import { initializeTSA } from "@sigstore/mock/dist/timestamp/index.js";
import type { PolicyV1, TrustedRoot } from "../../src/schema/types.gen.ts";

/** A bundle as JSON, to be bent by tests. */
export interface BundleJson {
  mediaType: string;
  verificationMaterial: {
    certificate: { rawBytes: string };
    tlogEntries: LogEntry[];
    timestampVerificationData?: { rfc3161Timestamps: { signedTimestamp: string }[] };
  };
  messageSignature?: { messageDigest: { algorithm: string; digest: string }; signature: string };
  dsseEnvelope?: { payload: string; payloadType: string; signatures: { sig: string; keyid: string }[] };
}

interface LogEntry {
  logIndex: string;
  logId: { keyId: string };
  kindVersion: { kind: string; version: string };
  integratedTime: string;
  inclusionPromise?: { signedEntryTimestamp: string };
  inclusionProof: {
    logIndex: string;
    rootHash: string;
    treeSize: string;
    hashes: string[];
    checkpoint: { envelope: string };
  };
  canonicalizedBody: string;
}

/** The identity that a certificate is issued to, as extensions of Fulcio's certificates by number. */
export interface Workflow {
  readonly san: string;
  readonly extensions: readonly (readonly [number: number, value: string])[];
  /** Extensions whose value is written without the tag of a text. */
  readonly raw?: readonly number[];
}

/** How a bundle is made. */
export interface BundleOptions {
  readonly workflow?: Workflow;
  /** `statement`: an in-toto statement about the bytes; an object replaces members of it. */
  readonly statement?: Readonly<Record<string, unknown>>;
  /** What the digest in bundle and log is of, where it is something else than what is signed. */
  readonly logged?: Uint8Array;
  /** Minutes between certificate and log entry. */
  readonly lateMinutes?: number;
  /** Log and promise of time, or a time authority's stamp, or both. */
  readonly log?: "none" | "proof" | "promise and proof";
  readonly stamp?: boolean;
}

/** An own Sigstore: its trusted root, and what signs by it. */
export interface Sigstore {
  readonly root: TrustedRoot;
  bundle(bytes: Uint8Array, options?: BundleOptions): Promise<BundleJson>;
}

export const REPOSITORY = "https://github.com/acme/notes";
export const WORKFLOW = ".github/workflows/waybill-gate-sync.yml@refs/heads/main";
export const ISSUER = "https://token.actions.githubusercontent.com";

/** What policy names so that bundles of {@link workflow} count. */
export const ATTESTOR: PolicyV1["attestors"] = { ci: { sigstore: { repository_id: 4711, workflow: WORKFLOW } } };

/** The workflow that policy names, with some extensions of its certificate replaced, or left out where they are null. */
export function workflow(change: Readonly<Record<number, string | null>> = {}, san?: string): Workflow {
  const uri = `${REPOSITORY}/${WORKFLOW}`;
  const all: Readonly<Record<number, string | null>> = {
    8: ISSUER,
    9: uri,
    12: REPOSITORY,
    14: "refs/heads/main",
    15: "4711",
    18: uri,
    20: "schedule",
    ...change,
  };
  const extensions = Object.entries(all).flatMap(([number, value]) =>
    value === null ? [] : ([[Number(number), value]] as const),
  );
  return { san: san ?? all[9] ?? uri, extensions };
}

/** Makes a Sigstore with a certificate authority, a certificate log, a transparency log and a time authority. */
export async function makeSigstore(options: { readonly certificateLog?: boolean } = {}): Promise<Sigstore> {
  const keys = () => generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  // Whole seconds: the mock prints fractions of a time in a form that is none.
  const began = Math.ceil(Date.now() / 1000) * 1000;
  const minutesLater = (minutes: number) => new Date(began + minutes * 60_000);
  const [caKeys, ctKeys, logKeys, tsaKeys] = [keys(), keys(), keys(), keys()];
  const ctLog = await initializeCTLog(ctKeys);
  const ca = await initializeCA(caKeys, options.certificateLog === false ? undefined : ctLog, minutesLater(0));
  const tsa = await initializeTSA(tsaKeys, minutesLater(1));
  const start = minutesLater(-60).toISOString();
  const root: TrustedRoot = {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    certificateAuthorities: [authority("https://fulcio.test", start, [ca.rootCertificate])],
    tlogs: [log("https://rekor.test", start, logKeys.publicKey)],
    ctlogs: options.certificateLog === false ? [] : [log("https://ct.test", start, ctKeys.publicKey)],
    timestampAuthorities: [authority("https://time.test", start, [tsa.intCertificate, tsa.rootCertificate])],
  };
  return {
    root,
    async bundle(bytes, how = {}) {
      const signer = keys();
      const certificate = await certify(ca, signer.publicKey, how.workflow ?? workflow());
      const signed =
        how.statement === undefined
          ? message(bytes, how.logged ?? bytes, signer.privateKey)
          : statement(bytes, how.statement, signer.privateKey);
      const at = minutesLater(1 + (how.lateMinutes ?? 0));
      const entry = entered(signed.entry(certificate), signed.kind, logKeys, at);
      if (how.log === "proof") delete entry.inclusionPromise;
      const stamp = how.stamp === true ? await stampOf(tsa, signed.signature) : null;
      return {
        mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
        verificationMaterial: {
          certificate: { rawBytes: base64(certificate) },
          tlogEntries: how.log === "none" ? [] : [entry],
          ...(stamp === null ? {} : { timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: stamp }] } }),
        },
        ...signed.content,
      };
    },
  };
}

function base64(bytes: ArrayBufferView): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function authority(uri: string, start: string, certificates: readonly ArrayBufferView[]) {
  return {
    uri,
    certChain: { certificates: certificates.map((certificate) => ({ rawBytes: base64(certificate) })) },
    validFor: { start },
  };
}

function log(baseUrl: string, start: string, key: KeyObject) {
  const spki = key.export({ format: "der", type: "spki" });
  return {
    baseUrl,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: base64(spki), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor: { start } },
    logId: { keyId: createHash("sha256").update(spki).digest("base64") },
  };
}

function certify(ca: CA, key: KeyObject, { san, extensions, raw = [] }: Workflow) {
  return ca.issueCertificate({
    publicKey: Buffer.from(key.export({ format: "der", type: "spki" })),
    subjectAltName: san,
    extensions: extensions.map(([number, value]) => ({
      oid: `1.3.6.1.4.1.57264.1.${number}`,
      value,
      legacy: raw.includes(number),
    })),
  });
}

interface Signed {
  readonly kind: "hashedrekord" | "dsse";
  readonly signature: Buffer;
  readonly content: Pick<BundleJson, "messageSignature" | "dsseEnvelope">;
  entry(certificate: ArrayBufferView): object;
}

function sha256(bytes: Uint8Array, as: "hex" | "base64" = "hex"): string {
  return createHash("sha256").update(bytes).digest(as);
}

function pem(certificate: ArrayBufferView): string {
  const text = `-----BEGIN CERTIFICATE-----\n${base64(certificate)}\n-----END CERTIFICATE-----\n`;
  return Buffer.from(text).toString("base64");
}

function message(bytes: Uint8Array, logged: Uint8Array, key: KeyObject): Signed {
  const signature = sign("sha256", bytes, key);
  const content = signature.toString("base64");
  return {
    kind: "hashedrekord",
    signature,
    content: {
      messageSignature: {
        messageDigest: { algorithm: "SHA2_256", digest: sha256(logged, "base64") },
        signature: content,
      },
    },
    entry: (certificate) => ({
      apiVersion: "0.0.1",
      kind: "hashedrekord",
      spec: {
        data: { hash: { algorithm: "sha256", value: sha256(logged) } },
        signature: { content, publicKey: { content: pem(certificate) } },
      },
    }),
  };
}

const STATEMENT = "application/vnd.in-toto+json";

function statement(bytes: Uint8Array, change: Readonly<Record<string, unknown>>, key: KeyObject): Signed {
  const { payloadType = STATEMENT, ...members } = change;
  const payload = Buffer.from(
    JSON.stringify({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "evidence.json", digest: { sha256: sha256(bytes) } }],
      predicateType: "https://slsa.dev/provenance/v1",
      predicate: {},
      ...members,
    }),
  );
  const type = String(payloadType);
  const signature = sign(
    "sha256",
    Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]),
    key,
  );
  const sig = signature.toString("base64");
  return {
    kind: "dsse",
    signature,
    content: {
      dsseEnvelope: { payload: payload.toString("base64"), payloadType: type, signatures: [{ sig, keyid: "" }] },
    },
    entry: (certificate) => ({
      apiVersion: "0.0.1",
      kind: "dsse",
      spec: {
        payloadHash: { algorithm: "sha256", value: sha256(payload) },
        signatures: [{ signature: sig, verifier: pem(certificate) }],
      },
    }),
  };
}

/** Enters something into a log of one entry, as Rekor does: its promise of when, and the proof that it is in. */
function entered(entry: object, kind: string, keys: KeyPair, at: Date): LogEntry {
  const logId = createHash("sha256")
    .update(keys.publicKey.export({ format: "der", type: "spki" }))
    .digest();
  const raw = Buffer.from(JSON.stringify(entry));
  const [body, integratedTime, logIndex] = [raw.toString("base64"), Math.floor(at.getTime() / 1000), 42];
  const promised = JSON.stringify({ body, integratedTime, logID: logId.toString("hex"), logIndex });
  const root = createHash("sha256")
    .update(Buffer.from([0]))
    .update(raw)
    .digest("base64");
  const note = `rekor.test - 1\n1\n${root}\n`;
  const signature = Buffer.concat([logId.subarray(0, 4), sign("sha256", Buffer.from(note), keys.privateKey)]);
  return {
    logIndex: String(logIndex),
    logId: { keyId: logId.toString("base64") },
    kindVersion: { kind, version: "0.0.1" },
    integratedTime: String(integratedTime),
    inclusionPromise: {
      signedEntryTimestamp: sign("sha256", Buffer.from(promised), keys.privateKey).toString("base64"),
    },
    inclusionProof: {
      logIndex: "0",
      rootHash: root,
      treeSize: "1",
      hashes: [],
      checkpoint: { envelope: `${note}\n\u2014 rekor.test ${signature.toString("base64")}\n` },
    },
    canonicalizedBody: body,
  };
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

async function stampOf(tsa: Awaited<ReturnType<typeof initializeTSA>>, signature: Buffer): Promise<string> {
  const stamp = await tsa.timestamp({
    artifactHash: createHash("sha256").update(signature).digest(),
    hashAlgorithmOID: "2.16.840.1.101.3.4.2.1",
    nonce: 7,
    policyOID: "1.3.6.1.4.1.57264.2",
  });
  return base64(stamp);
}
