import { createHash } from "node:crypto";
import { withoutSecret } from "../../kernel/text.ts";

/** Tells an address from a path: a scheme, or `host:path` as ssh has it. */
export function isAddress(location: string): boolean {
  return (
    /^(?:https?|ssh|git|file):\/\//.test(location) ||
    /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9._-]{2,}:(?![\\/])/.test(location)
  );
}

/** The name by which a cache keeps what belongs to an address, whoever asks. */
export function addressKey(url: string): string {
  return createHash("sha256").update(withoutSecret(url)).digest("hex").slice(0, 32);
}
