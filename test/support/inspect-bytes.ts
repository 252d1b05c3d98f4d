import type { ByteSource } from "../../src/kernel/byte-source.ts";
import { startInspection } from "../../src/inspect/inspect-file.ts";
import type { Inspection } from "../../src/inspect/inspection.ts";
import type { Inspector } from "../../src/inspect/inspector.ts";

/** Bytes in memory as a file that is read at random. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return { sizeBytes: bytes.length, read: async (offset, length) => bytes.slice(offset, offset + length) };
}

/** Inspects bytes as the intake does: opened, then fed in order in a reused buffer. */
export async function inspectBytes(
  bytes: Uint8Array,
  chunkBytes = 1 << 20,
  inspectors?: readonly Inspector[],
): Promise<Inspection> {
  const inspecting = await startInspection(sourceOf(bytes), inspectors);
  const buffer = new Uint8Array(chunkBytes);
  for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
    const chunk = bytes.subarray(offset, offset + chunkBytes);
    buffer.set(chunk);
    await inspecting.onBytes(buffer.subarray(0, chunk.length), offset);
    buffer.fill(0xaa);
  }
  return inspecting.finish();
}

/** Codes of the failed checks. */
export function failedCodes(inspection: Inspection): readonly unknown[] {
  return inspection.checks.filter((check) => check.status === "failed").map((check) => check.detail["code"]);
}
