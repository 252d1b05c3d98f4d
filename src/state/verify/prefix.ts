import { sha256Hex } from "../../kernel/digest.ts";
import { type Data, isData, type Json } from "../../kernel/json.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import type { Folder } from "../../ports/files.ts";
import type { AnyKind } from "../document-kind.ts";
import { schemaOf } from "../snapshot/schema.ts";
import type { VerifyCheck, Violation } from "./check.ts";

const FILE = "verified.json";

/** A walk that found nothing wrong, so that the next one can go on from its end. */
export interface Prefix {
  readonly state: Oid;
  readonly commits: number;
  /** Root of decisions, and up to where they are right; null where there were none. */
  readonly decisions: { readonly root: Oid; readonly settled: Oid } | null;
  /** What checks counted, by name, so that they count on. */
  readonly counts: Readonly<Record<string, number>>;
  /** What was to be looked at in it, so that the next run says it again. */
  readonly warnings: readonly Violation[];
}

/** What a remembered walk must agree with: the same tool, kinds and rules. */
export function prefixKey(on: {
  readonly version: string;
  readonly kinds: readonly AnyKind[];
  readonly checks: readonly VerifyCheck[];
}): string {
  const kinds = on.kinds.map(({ name, branch, path, sealed }) => [name, branch, path, sealed?.folder ?? null]);
  const rules = on.checks.flatMap((check) => check.rules);
  return sha256Hex(JSON.stringify([on.version, schemaOf(on.kinds).digest, kinds, rules]));
}

/** Reads the remembered walk; null where there is none that fits. */
export async function readPrefix(cache: Folder, key: string): Promise<Prefix | null> {
  const bytes = await cache.read(FILE);
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!isData(value) || value["key"] !== key) return null;
    const { state, commits, decisions, counts, warnings } = value;
    if (typeof state !== "string" || !isOid(state) || typeof commits !== "number") return null;
    if (!Array.isArray(warnings) || !isData(counts)) return null;
    const told = warnings.flatMap((one) => (isData(one) ? warningOf(one) : []));
    if (told.length !== warnings.length) return null;
    const numbers = Object.entries(counts).flatMap(([name, count]) =>
      typeof count === "number" ? [[name, count] as const] : [],
    );
    const settled = isData(decisions) ? settledIn(decisions) : null;
    return { state, commits, decisions: settled, counts: Object.fromEntries(numbers), warnings: told };
  } catch {
    // A cache that cannot be read is as good as none.
    return null;
  }
}

function settledIn({ root, settled }: Data): Prefix["decisions"] {
  if (typeof root !== "string" || typeof settled !== "string") return null;
  return isOid(root) && isOid(settled) ? { root, settled } : null;
}

/** Reads a remembered warning; none where it is not what was written. */
function warningOf({ rule, branch, commit, path, message, data, next }: Data): readonly Violation[] {
  if (typeof rule !== "string" || typeof message !== "string" || typeof next !== "string") return [];
  const known = typeof commit === "string" && isOid(commit) ? commit : null;
  const textOf = (value: Json | undefined) => (typeof value === "string" ? value : null);
  return [
    { rule, branch: textOf(branch), commit: known, path: textOf(path), message, data: isData(data) ? data : {}, next },
  ];
}

/** Remembers a walk that was whole and found nothing. */
export async function writePrefix(cache: Folder, key: string, prefix: Prefix): Promise<void> {
  await cache.write(FILE, new TextEncoder().encode(`${JSON.stringify({ key, ...prefix })}\n`));
}
