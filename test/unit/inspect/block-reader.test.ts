import { describe, expect, it } from "vitest";
import { blockReader } from "../../../src/inspect/block-reader.ts";
import { zipProblems } from "../../../src/inspect/zip/problems.ts";

const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));

/** A reader over a file that counts how often it is asked. */
function counted(lieBytes = 0) {
  const reads: number[] = [];
  const file = {
    sizeBytes: bytes.length + lieBytes,
    read: async (offset: number, length: number) => {
      reads.push(length);
      return bytes.subarray(offset, offset + length);
    },
  };
  return { reads, reader: blockReader(file, (message) => zipProblems.error("truncated", message)) };
}

describe("block reader", () => {
  it("gives exactly what was asked for, inside a block and across blocks", async () => {
    const { reader } = counted();
    for (const [offset, length] of [
      [0, 10],
      [65_530, 10],
      [199_990, 10],
      [3, 150_000],
      [5, 0],
    ] as const) {
      expect(Buffer.from(await reader.read(offset, length)).equals(bytes.subarray(offset, offset + length))).toBe(true);
    }
  });

  it("asks for a block once", async () => {
    const { reader, reads } = counted();
    for (let offset = 0; offset < 1000; offset += 10) await reader.read(offset, 10);
    expect(reads).toEqual([65_536]);
  });

  it.each([
    [-1, 1],
    [0, 200_001],
    [200_000, 1],
    [Number.NaN, 1],
    [0, -1],
    [2 ** 53, 1],
  ])("refuses to read %d, %d", async (offset, length) => {
    await expect(counted().reader.read(offset, length)).rejects.toMatchObject({ code: "inspect.zip.truncated" });
  });

  it("finds that a file is shorter than its size", async () => {
    await expect(counted(100).reader.read(199_990, 50)).rejects.toMatchObject({ code: "inspect.zip.truncated" });
  });
});
