import { createHash } from "node:crypto";

/** Crockford's base 32 in lower case: no i, l, o, u. Source: https://www.crockford.com/base32.html */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** What readers accept as an opaque id; writers mint a prefix and 12 characters. */
const OPAQUE_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Tells whether a text may be an id of ours. */
export function isOpaqueId(text: string): boolean {
  return OPAQUE_ID.test(text);
}

/** Writes the first `length` base-32 characters of bytes, 5 bits each. */
export function base32(bytes: Uint8Array, length: number): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5 && text.length < length) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return text;
}

/** Derives `length` base-32 characters from a text: the same text, the same characters. */
export function derived(text: string, length: number): string {
  return base32(createHash("sha256").update(text).digest(), length);
}

/** Writes a time in milliseconds as 10 base-32 characters that sort as the times do. */
export function timePart(ms: number): string {
  let text = "";
  let rest = ms;
  for (let i = 0; i < 10; i += 1) {
    text = (ALPHABET[rest % 32] ?? "0") + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/**
 * Id of the audit event that follows from a decision: its time and a digest of proposal and action, so that
 * every machine which derives the event meets at one path and it is recorded once.
 */
export function derivedEventId(at: string, proposalId: string, action: string): string {
  return `aud_${timePart(Date.parse(at))}${derived(`${proposalId}\n${action}`, 16)}`;
}
