import { createHash } from "node:crypto";
import { der, makeCmsOf, oid } from "./apk-certificate.ts";

/** A Windows program to build, with fields that a test can make lie. */
export interface ExeInput {
  readonly machine?: number;
  readonly is32Bit?: boolean;
  readonly isLibrary?: boolean;
  readonly texts?: Readonly<Record<string, string>>;
  readonly sections?: number;
  readonly resourceAddress?: number;
  readonly resourceEntries?: number;
  /** Certificates to carry; with none the program is not signed. */
  readonly certificates?: readonly Uint8Array[];
  readonly algorithm?: "sha1" | "sha256";
  readonly wrongDigest?: boolean;
  readonly certificateType?: number;
  readonly content?: Uint8Array;
}

const HEADER_BYTES = 1024;
const ADDRESS = 0x1000;
const u16 = (...values: readonly number[]) => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values: readonly number[]) => Buffer.from(Uint32Array.from(values).buffer);
const padded = (bytes: Buffer, to: number) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & (to - 1))]);

/** Builds a program with a version resource, and signs its digest when certificates are given. */
export function buildExe(input: ExeInput = {}): Buffer {
  const resources = padded(resourceTree(input), 512);
  const directories = input.is32Bit === true ? 96 : 112;
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("MZ");
  header.writeUInt32LE(64, 0x3c);
  header.write("PE\0\0", 64);
  u16(input.machine ?? 0x8664, input.sections ?? 1).copy(header, 68);
  u16(directories + 128, input.isLibrary === true ? 0x2022 : 0x0022).copy(header, 84);
  const optional = 88;
  header.writeUInt16LE(input.is32Bit === true ? 0x10b : 0x20b, optional);
  header.writeUInt32LE(16, optional + directories - 4);
  u32(input.resourceAddress ?? ADDRESS, resources.length).copy(header, optional + directories + 16);
  const section = optional + directories + 128;
  header.write(".rsrc", section);
  u32(resources.length, ADDRESS, resources.length, HEADER_BYTES).copy(header, section + 8);
  const unsigned = padded(Buffer.concat([header, resources, Buffer.from(input.content ?? [])]), 8);
  if (input.certificates === undefined) return unsigned;
  return signed(unsigned, optional + 64, optional + directories + 32, input);
}

/** Appends a certificate table over the digest of everything but checksum, table entry and table. */
function signed(program: Buffer, checksum: number, entry: number, input: ExeInput): Buffer {
  const algorithm = input.algorithm ?? "sha256";
  const parts = [program.subarray(0, checksum), program.subarray(checksum + 4, entry), program.subarray(entry + 8)];
  const digest = createHash(algorithm).update(Buffer.concat(parts)).digest();
  if (input.wrongDigest === true) digest[0]! ^= 1;
  const id =
    algorithm === "sha1"
      ? oid(0x2b, 0x0e, 0x03, 0x02, 0x1a)
      : oid(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01);
  const indirect = der(0x30, der(0x30), der(0x30, der(0x30, id, der(0x05)), der(0x04, digest)));
  const message = makeCmsOf(indirect, input.certificates ?? []);
  const table = padded(Buffer.concat([u32(message.length + 8), u16(0x0200, input.certificateType ?? 2), message]), 8);
  const finished = Buffer.concat([program, table]);
  u32(program.length, table.length).copy(finished, entry);
  finished.writeUInt32LE(0x1234, checksum);
  return finished;
}

/** Type 16, name 1, language 1033, then the version itself. */
function resourceTree({
  texts = { ProductName: "Notes", ProductVersion: "1.2.0-beta", CompanyName: "Example Ltd" },
  resourceEntries = 1,
}: ExeInput): Buffer {
  const version = versionInfo(texts);
  const directory = (count: number, id: number, offset: number) =>
    Buffer.concat([u32(0, 0, 0), u16(0, count), u32(id, offset)]);
  const tree = [directory(resourceEntries, 16, 0x8000_0018), directory(1, 1, 0x8000_0030), directory(1, 1033, 0x48)];
  return Buffer.concat([...tree, u32(ADDRESS + 0x58, version.length, 0, 0), version]);
}

function versionInfo(texts: Readonly<Record<string, string>>): Buffer {
  const fixed = Buffer.alloc(52);
  u32(0xfeef04bd, 0x10000, (1 << 16) | 2, (3 << 16) | 4).copy(fixed);
  const strings = Object.entries(texts).map(([key, value]) =>
    block(key, 1, Buffer.from(`${value}\0`, "utf16le"), value.length + 1),
  );
  const info = block("StringFileInfo", 1, Buffer.alloc(0), 0, [block("040904b0", 1, Buffer.alloc(0), 0, strings)]);
  return block("VS_VERSION_INFO", 0, fixed, 52, [block("VarFileInfo", 1, Buffer.alloc(0), 0), info]);
}

function block(key: string, type: number, value: Buffer, valueLength: number, inside: readonly Buffer[] = []): Buffer {
  const name = Buffer.from(`${key}\0`, "utf16le");
  const head = padded(Buffer.concat([Buffer.alloc(6), name]), 4);
  const whole = inside.reduce((all, one) => Buffer.concat([padded(all, 4), one]), Buffer.concat([head, value]));
  u16(whole.length, valueLength, type).copy(whole);
  return whole;
}
