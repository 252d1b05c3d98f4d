import { constants, createHash, sign } from "node:crypto";
import type { Identity } from "./apk-certificate.ts";
import { ANDROID, buildAxml, manifestNode } from "./apk-manifest.ts";
import { buildZip, type ZipInput } from "./zip-builder.ts";

/** The entries of a plain package: com.example.notes 1.2.0 (7) for two kinds of processor. */
export const plainInputs: readonly ZipInput[] = [
  {
    name: "AndroidManifest.xml",
    content: buildAxml(
      manifestNode([
        { id: ANDROID.versionCode, value: 7 },
        { id: ANDROID.versionName, value: "1.2.0" },
      ]),
    ),
  },
  { name: "classes.dex", content: "dex\n035\u0000" },
  { name: "lib/arm64-v8a/libapp.so", content: "elf", method: 0 },
  { name: "lib/x86_64/libapp.so", content: "elf", method: 0 },
];

/** One signer of a signing block, with fields that a test can make lie. */
export interface SignerInput {
  readonly identity: Identity;
  /** Default: the one for the key with SHA-256. */
  readonly algorithm?: number;
  readonly hash?: "sha256" | "sha512";
  readonly wrongDigest?: boolean;
  readonly wrongSignature?: boolean;
  readonly wrongKey?: Identity;
  readonly certificate?: Uint8Array;
  readonly minSdkOutside?: number;
  readonly attributes?: readonly (readonly [id: number, value: number])[];
}

/** Ids of the schemes in the block. */
export const SCHEME = { v2: 0x7109871a, v3: 0xf05368c0, v3_1: 0x1b93ad61 } as const;

/** What a package is signed with; the list keeps its order, and an id may occur twice. */
export type Block = readonly (readonly [scheme: keyof typeof SCHEME, signer: SignerInput])[];

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};
const u64 = (value: number) => Buffer.concat([u32(value), u32(0)]);
const prefixed = (...parts: readonly Uint8Array[]) => Buffer.concat([u32(Buffer.concat(parts).length), ...parts]);

/** Builds a package and signs it the way the schemes say, computed in the plainest way. */
export function buildApk(inputs: readonly ZipInput[], block: Block = [], tamper?: (block: Buffer) => Buffer): Buffer {
  const unsigned = buildZip(inputs);
  if (block.length === 0) return unsigned;
  const end = unsigned.length - 22;
  const directory = unsigned.readUInt32LE(end + 16);
  const sections = [unsigned.subarray(0, directory), unsigned.subarray(directory, end), unsigned.subarray(end)];
  const pairs = block.map(([scheme, signer]) => {
    const value = prefixed(prefixed(signerValue(scheme, signer, sections)));
    return Buffer.concat([u64(value.length + 4), u32(SCHEME[scheme]), value]);
  });
  const body = Buffer.concat(pairs);
  const size = body.length + 24;
  const whole = Buffer.concat([u64(size), body, u64(size), Buffer.from("APK Sig Block 42")]);
  const finished = tamper?.(whole) ?? whole;
  const endRecord = Buffer.from(unsigned.subarray(end));
  endRecord.writeUInt32LE(directory + finished.length, 16);
  return Buffer.concat([unsigned.subarray(0, directory), finished, unsigned.subarray(directory, end), endRecord]);
}

function signerValue(scheme: keyof typeof SCHEME, input: SignerInput, sections: readonly Buffer[]): Buffer {
  const hash = input.hash ?? "sha256";
  const algorithm = input.algorithm ?? defaultAlgorithm(input.identity, hash);
  const digest = contentDigest(hash, sections);
  if (input.wrongDigest === true) digest[0] = (digest[0] ?? 0) ^ 1;
  const sdkRange = scheme === "v2" ? [] : [u32(24), u32(0x7fff_ffff)];
  const attributes = (input.attributes ?? []).map(([id, value]) => prefixed(u32(id), u32(value)));
  const signedData = Buffer.concat([
    prefixed(prefixed(u32(algorithm), prefixed(digest))),
    prefixed(prefixed(input.certificate ?? input.identity.certificate)),
    ...sdkRange,
    prefixed(...attributes),
  ]);
  const padding =
    algorithm <= 0x0102 ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: hash === "sha256" ? 32 : 64 } : {};
  const signature = sign(hash, signedData, { key: input.identity.privateKey, ...padding });
  if (input.wrongSignature === true) signature[signature.length - 1]! ^= 1;
  const outside = scheme === "v2" ? [] : [u32(input.minSdkOutside ?? 24), u32(0x7fff_ffff)];
  const key = (input.wrongKey ?? input.identity).publicKey;
  return Buffer.concat([
    prefixed(signedData),
    ...outside,
    prefixed(prefixed(u32(algorithm), prefixed(signature))),
    prefixed(key),
  ]);
}

function defaultAlgorithm(identity: Identity, hash: "sha256" | "sha512"): number {
  const kind = identity.privateKey.asymmetricKeyType;
  if (kind === "ec") return hash === "sha256" ? 0x0201 : 0x0202;
  if (kind === "dsa") return 0x0301;
  return hash === "sha256" ? 0x0103 : 0x0104;
}

function contentDigest(hash: "sha256" | "sha512", sections: readonly Buffer[]): Buffer {
  const digests = sections.flatMap((section) =>
    Array.from({ length: Math.ceil(section.length / 2 ** 20) }, (_, index) => {
      const piece = section.subarray(index * 2 ** 20, (index + 1) * 2 ** 20);
      return createHash(hash)
        .update(Buffer.concat([Buffer.from([0xa5]), u32(piece.length), piece]))
        .digest();
    }),
  );
  return createHash(hash)
    .update(Buffer.concat([Buffer.from([0x5a]), u32(digests.length), ...digests]))
    .digest();
}
