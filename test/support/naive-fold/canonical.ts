import { loadSchemas } from "../../../src/schema/documents.ts";
import type { Documents } from "../../../src/schema/types.gen.ts";
import type { DecisionDocument, NaiveFile } from "./history.ts";

const schemas = loadSchemas();

/** Prints a JSON value in our one form: 2-space indent, keys by code point, raw UTF-8, final newline (DESIGN section 7). */
export function canonical(value: unknown): string {
  return `${print(value, "")}\n`;
}

function print(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => print(item, deeper))
    : Object.entries(value)
        .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        .map(([key, item]) => `${JSON.stringify(key)}: ${print(item, deeper)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return parts.length === 0 ? `${open}${close}` : `${open}\n${deeper}${parts.join(`,\n${deeper}`)}\n${indent}${close}`;
}

/** The JSON value of bytes that equal their canonical print; undefined for anything else (section 2). */
export function parseExact(bytes: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return Buffer.from(canonical(value)).equals(bytes) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value fits a schema; the schemas are the source, so a second validator would prove nothing. */
export function fits<N extends keyof Documents>(name: N, value: unknown): Documents[N] | undefined {
  try {
    return schemas.check(name, value, name);
  } catch {
    return undefined;
  }
}

/** A file as a decision document: mode 100644, canonical, and valid by the schema of its path; else undefined. */
export function documentOf(path: string, file: NaiveFile | undefined): DecisionDocument | undefined {
  if (file === undefined || file.mode !== "100644") return undefined;
  const value = parseExact(file.bytes);
  const kind = kindOf(path);
  if (kind === "policy") return fits("policy.v1", value);
  if (kind === "principals") return fits("principals.v1", value);
  if (kind === "yank") return fits("yank.v1", value);
  if (kind === "rewrite") return fits("rewrite.v1", value);
  const pointer = kind === "channel" ? fits("channel-pointer.v1", value) : undefined;
  // Section 8 of distribution.md: only the pointer of an auto channel, a fact, is without them.
  return pointer?.state_seen === undefined ? undefined : pointer;
}

/** Kinds of decision, by path (DESIGN section 1). */
export type NaiveKind = "policy" | "principals" | "channel" | "yank" | "rewrite";

/** The kind of decision that a path belongs to; null for every other path. */
export function kindOf(path: string): NaiveKind | null {
  if (path === "policy.json") return "policy";
  if (path === "config/principals.json") return "principals";
  if (/^channels\/[^/]+\/[^/]+\.json$/.test(path)) return "channel";
  if (/^gates\/yank\/[^/]+\.json$/.test(path)) return "yank";
  return /^gates\/rewrite\/[^/]+\.json$/.test(path) ? "rewrite" : null;
}

/** The path that a document itself says it belongs at. */
export function pathOf(document: DecisionDocument): string {
  if (document.schema === "policy.v1") return "policy.json";
  if (document.schema === "principals.v1") return "config/principals.json";
  if (document.schema === "rewrite.v1") return `gates/rewrite/${document.old.commit}.json`;
  if (document.schema === "yank.v1") return `gates/yank/${document.release_id}.json`;
  return `channels/${document.app}/${document.channel}.json`;
}
