import { createHash, hash, timingSafeEqual } from "node:crypto";

/** SHA-256 of bytes or of UTF-8 text, as 64 lower-case hex digits. */
export function sha256Hex(content: Uint8Array | string): string {
  return hash("sha256", content, "hex");
}

/** Tells whether a text is a SHA-256 in lower-case hex. */
export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Digests what comes in pieces. */
export function sha256Stream(): { update(content: Uint8Array | string): void; hex(): string } {
  const digest = createHash("sha256");
  return {
    update(content) {
      digest.update(content);
    },
    hex: () => digest.digest("hex"),
  };
}

/** Compares two digests in a time that does not depend on where they differ. */
export function isSameDigest(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
