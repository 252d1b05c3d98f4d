import { sha256Hex } from "../../kernel/digest.ts";
import { isData } from "../../kernel/json.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import type { Folder } from "../../ports/files.ts";
import type { AnyKind } from "../document-kind.ts";
import { schemaOf } from "../snapshot/schema.ts";
import type { VerifyCheck } from "./check.ts";

const FILE = "verified.json";

/** A walk that found nothing wrong, so that the next one can go on from its end. */
export interface Prefix {
  readonly state: Oid;
  readonly commits: number;
}

/** What a remembered walk must agree with: the same tool, kinds, rules and root of decisions. */
export function prefixKey(on: {
  readonly version: string;
  readonly kinds: readonly AnyKind[];
  readonly checks: readonly VerifyCheck[];
  readonly root: Oid | null;
}): string {
  const kinds = on.kinds.map(({ name, branch, path, sealed }) => [name, branch, path, sealed?.folder ?? null]);
  const rules = on.checks.flatMap((check) => check.rules);
  return sha256Hex(JSON.stringify([on.version, schemaOf(on.kinds).digest, kinds, rules, on.root]));
}

/** Reads the remembered walk; null where there is none that fits. */
export async function readPrefix(cache: Folder, key: string): Promise<Prefix | null> {
  const bytes = await cache.read(FILE);
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!isData(value) || value["key"] !== key) return null;
    const { state, commits } = value;
    return typeof state === "string" && isOid(state) && typeof commits === "number" ? { state, commits } : null;
  } catch {
    // A cache that cannot be read is as good as none.
    return null;
  }
}

/** Remembers a walk that was whole and found nothing. */
export async function writePrefix(cache: Folder, key: string, prefix: Prefix): Promise<void> {
  await cache.write(FILE, new TextEncoder().encode(`${JSON.stringify({ key, ...prefix })}\n`));
}
