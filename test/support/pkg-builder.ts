import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";

/** A file in a xar archive. */
export interface XarInput {
  readonly name: string;
  readonly content: string;
  readonly stored?: boolean;
  readonly encoding?: string;
  readonly offset?: number;
  readonly size?: number;
}

/** What else can be unusual about the archive. */
export interface XarShape {
  readonly certificate?: Uint8Array;
  readonly wrongChecksum?: boolean;
  readonly tableBytes?: number;
  readonly toc?: string;
}

/** Builds a xar archive with a SHA-256 checksum of its table; a name with `/` lies in a folder. */
export function buildXar(inputs: readonly XarInput[], shape: XarShape = {}): Buffer {
  let offset = 32;
  const heap: Buffer[] = [];
  const files = inputs.map((input) => {
    const packed = input.stored === true ? Buffer.from(input.content) : deflateSync(input.content);
    const style = input.encoding ?? (input.stored === true ? "application/octet-stream" : "application/x-gzip");
    const data = `<data><length>${packed.length}</length><offset>${input.offset ?? offset}</offset><size>${input.size ?? Buffer.byteLength(input.content)}</size><encoding style="${style}"/></data>`;
    heap.push(packed);
    offset += packed.length;
    const [folder, name] = input.name.split("/");
    return name === undefined
      ? `<file><name>${folder}</name>${data}</file>`
      : `<file><name>${folder}</name><type>directory</type><file><name>${name}</name>${data}</file></file>`;
  });
  const signature =
    shape.certificate === undefined
      ? ""
      : `<signature style="RSA"><KeyInfo><X509Data><X509Certificate>${Buffer.from(shape.certificate).toString("base64")}</X509Certificate></X509Data></KeyInfo></signature>`;
  const checksum = `<checksum style="sha256"><size>32</size><offset>0</offset></checksum>`;
  const xml = `<?xml version="1.0" encoding="UTF-8"?><xar>${shape.toc ?? `<toc>${checksum}${signature}${files.join("")}</toc>`}</xar>`;
  const packed = deflateSync(xml);
  const digest = createHash("sha256").update(packed).digest();
  if (shape.wrongChecksum === true) digest[0]! ^= 1;
  const header = Buffer.alloc(28);
  header.write("xar!");
  header.writeUInt16BE(28, 4);
  header.writeUInt16BE(1, 6);
  header.writeBigUInt64BE(BigInt(packed.length), 8);
  header.writeBigUInt64BE(BigInt(shape.tableBytes ?? Buffer.byteLength(xml)), 16);
  header.writeUInt32BE(3, 24);
  return Buffer.concat([header, packed, digest, ...heap]);
}
