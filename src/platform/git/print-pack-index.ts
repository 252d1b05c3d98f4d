import { createHash } from "node:crypto";
import type { Oid } from "../../kernel/oid.ts";

/** An object of a pack, as its index has it. */
export interface Placed {
  readonly oid: Oid;
  readonly offset: number;
  /** Checksum of the entry as it lies in the pack. */
  readonly crc: number;
}

const LARGE = 0x8000_0000;

/** Prints the index of a pack, whose last bytes are its checksum; the objects are in order of their ids. Source: gitformat-pack(5). */
export function printIndex(objects: readonly Placed[], checksum: Uint8Array): Buffer {
  const large = objects.filter(({ offset }) => offset >= LARGE);
  const places = new Map(large.map(({ offset }, i) => [offset, LARGE + i]));
  const crcs = Buffer.alloc(objects.length * 4);
  const offsets = Buffer.alloc(objects.length * 4);
  const longs = Buffer.alloc(large.length * 8);
  for (const [i, { crc, offset }] of objects.entries()) {
    crcs.writeUInt32BE(crc, i * 4);
    offsets.writeUInt32BE(places.get(offset) ?? offset, i * 4);
  }
  for (const [i, { offset }] of large.entries()) longs.writeBigUInt64BE(BigInt(offset), i * 8);
  const names = Buffer.from(objects.map(({ oid }) => oid).join(""), "hex");
  const head = Buffer.from("ff744f6300000002", "hex");
  const content = Buffer.concat([head, fanoutOf(objects), names, crcs, offsets, longs, checksum]);
  return Buffer.concat([content, createHash("sha1").update(content).digest()]);
}

/** For each first byte of an id, how many ids have it or a smaller one. */
function fanoutOf(objects: readonly Placed[]): Buffer {
  const fanout = Buffer.alloc(256 * 4);
  // They are in order, so the last one of each byte has all that go before it.
  for (const [i, { oid }] of objects.entries()) fanout.writeUInt32BE(i + 1, Number.parseInt(oid.slice(0, 2), 16) * 4);
  for (let at = 4; at < fanout.length; at += 4)
    fanout.writeUInt32BE(Math.max(fanout.readUInt32BE(at), fanout.readUInt32BE(at - 4)), at);
  return fanout;
}
