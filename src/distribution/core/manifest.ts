import { type Refused, refuse } from "../../kernel/errors.ts";
import { type InputJson, MAX_INPUT_BYTES, parseInputJson, pointerTo } from "../../kernel/input-json.ts";
import type { Json } from "../../kernel/json.ts";
import { isOneLine, isPlainText } from "../../kernel/text.ts";
import { type Fields, fieldsOf, type Form, missingField, type Problems, problemsOf } from "./manifest-problems.ts";
import { type ManifestRow, readRow, VERSION } from "./manifest-row.ts";
import { isNameable } from "./release-path.ts";

/** What `dist ci publish` publishes, with every default filled in. */
export interface Manifest {
  readonly app: string;
  readonly version: string;
  readonly build: string | null;
  readonly channel: string | null;
  readonly notes: string | null;
  readonly displayName: string | null;
  readonly rows: readonly [ManifestRow, ...ManifestRow[]];
}

/** Largest notes, in bytes. */
const MAX_NOTES_BYTES = 65_536;
/** Largest file of artifacts that one release may have; a store may take fewer. */
const MAX_ROWS = 10_000;

const KNOWN = ["app", "artifacts", "build", "channel", "display_name", "notes", "version"];

const DEVICE = /^(?:con|prn|aux|nul)$/;
/** In a policy `apps.create` says who may make an app. */
const TAKEN_SLUG = "create";

/** What a slug looks like. */
export const SLUG: Form = {
  takes: (text) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(text) && !DEVICE.test(text) && text !== TAKEN_SLUG,
  says: "lower-case letters, digits and hyphens, at most 63, and no reserved word",
};

/** What a channel's name looks like. */
export const CHANNEL: Form = {
  takes: (text) => /^[a-z][a-z0-9-]{0,31}$/.test(text) && !DEVICE.test(text),
  says: "a lower-case word of letters, digits and hyphens, at most 32",
};

const NOTES: Form = {
  takes: (text) => isPlainText(text) && new TextEncoder().encode(text).length <= MAX_NOTES_BYTES,
  says: `text in NFC without control characters, at most ${MAX_NOTES_BYTES} bytes`,
};

const DISPLAY_NAME: Form = {
  takes: (text) => isOneLine(text) && text !== "" && text.length <= 200,
  says: "one line of text",
};

const NAMEABLE: Form = { ...VERSION, takes: (text) => VERSION.takes(text) && isNameable(text) };

/**
 * Reads `dist.json`: every problem is a reason with JSON pointer, line and value, all of them codes `dist.manifest.*` (exit 2).
 * Throws `text.invalid_utf8` and `dist.manifest.bad_json` where the bytes are no JSON. Paths are judged as text only.
 */
export function readManifest(bytes: Uint8Array, what: string): Manifest | Refused {
  const json = parseInputJson(bytes, { what, code: "dist.manifest.bad_json", maxBytes: MAX_INPUT_BYTES });
  const problems = problemsOf(what, json);
  const manifest = manifestOf(problems, json);
  const [first, ...more] = problems.found;
  if (first !== undefined) return refuse(first, ...more);
  if (manifest === null) throw new Error("A manifest without problems can be read");
  return manifest;
}

function manifestOf(problems: Problems, json: InputJson): Manifest | null {
  const fields = fieldsOf(problems, json.value, "", KNOWN);
  if (fields === null) return null;
  for (const name of ["app", "version", "artifacts"]) if (!fields.has(name)) missingField(problems, fields, name);
  const app = fields.text("app", SLUG);
  const version = fields.text("version", NAMEABLE);
  const head = {
    build: fields.text("build", VERSION),
    channel: fields.text("channel", CHANNEL),
    notes: fields.text("notes", NOTES),
    displayName: fields.text("display_name", DISPLAY_NAME),
  };
  const [first, ...more] = rowsOf(problems, fields);
  return app === null || version === null || first === undefined
    ? null
    : { app, version, ...head, rows: [first, ...more] };
}

function rowsOf(problems: Problems, fields: Fields): readonly ManifestRow[] {
  const list = fields.value("artifacts");
  if (list === undefined) return [];
  const at = pointerTo(fields.pointer, "artifacts");
  if (!isList(list)) {
    problems.add("dist.manifest.wrong_type", at, "artifacts is a list", list);
    return [];
  }
  if (list.length === 0) problems.add("dist.manifest.missing_artifact", at, "A release has at least one artifact");
  if (list.length > MAX_ROWS) problems.add("dist.manifest.wrong_type", at, `artifacts has at most ${MAX_ROWS} rows`);
  const rows = list.slice(0, MAX_ROWS).flatMap((value, i) => readRow(problems, value, pointerTo(at, i)) ?? []);
  refuseTwice(problems, rows);
  return rows;
}

function refuseTwice(problems: Problems, rows: readonly ManifestRow[]): void {
  const seen = new Map<string, string>();
  for (const row of rows) {
    const key = JSON.stringify([row.platform, row.variant, row.filename.toLowerCase()]);
    const other = seen.get(key);
    if (other === undefined) seen.set(key, row.pointer);
    else {
      const message = `${row.filename} for ${row.platform}${row.variant === null ? "" : ` ${row.variant}`} stands twice`;
      problems.add("dist.manifest.duplicate_artifact", row.pointer, message, row.path, `It is the same as ${other}`);
    }
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
