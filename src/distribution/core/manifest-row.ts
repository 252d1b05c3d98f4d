import { isSha256 } from "../../kernel/digest.ts";
import { ToolError } from "../../kernel/errors.ts";
import { parseInputJson, pointerTo } from "../../kernel/input-json.ts";
import { type Data, isData, type Json } from "../../kernel/json.ts";
import { nearest } from "../../kernel/nearest.ts";
import { isOneLine, printable } from "../../kernel/text.ts";
import type { Platform } from "../../schema/types.gen.ts";
import { type Fields, fieldsOf, type Form, missingField, type Problems } from "./manifest-problems.ts";
import { contentTypeOf, isPlatform, PLATFORMS } from "./platform.ts";

/** One file that a manifest names. */
export interface ManifestRow {
  /** Where it stands in the manifest, for errors. */
  readonly pointer: string;
  readonly platform: Platform;
  /** Relative to the manifest, `/` between names. */
  readonly path: string;
  readonly filename: string;
  readonly contentType: string;
  readonly variant: string | null;
  /** What the manifest claims of the file, updater signatures included. */
  readonly metadata: Data;
  /** What the manifest declares, to be compared with the file. */
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
}

const MAX_PATH_LENGTH = 4096;
const MAX_NAME_BYTES = 255;
/** Largest metadata of one artifact, as JSON text in bytes. */
const MAX_METADATA_BYTES = 65_536;
const MAX_SIGNATURE_LENGTH = 4096;

const KNOWN = [
  "content_type",
  "filename",
  "metadata",
  "path",
  "platform",
  "sha256",
  "signatures",
  "size_bytes",
  "variant",
];

/** What versions and builds look like. */
export const VERSION: Form = {
  takes: (text) => /^[0-9A-Za-z][0-9A-Za-z.+~_-]{0,127}$/.test(text),
  says: "at most 128 letters, digits and . + ~ _ -, a letter or digit first",
};

const VARIANT: Form = {
  takes: (text) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text),
  says: "at most 64 letters, digits and . _ -",
};

const FILENAME: Form = {
  takes: (text) =>
    isOneLine(text) && !/[\\/]|^\.{0,2}$/.test(text) && new TextEncoder().encode(text).length <= MAX_NAME_BYTES,
  says: `one name in NFC without slashes and control characters, at most ${MAX_NAME_BYTES} bytes`,
};

const CONTENT_TYPE: Form = {
  takes: (text) => /^[A-Za-z0-9!#$&^_.+-]{1,64}\/[A-Za-z0-9!#$&^_.+-]{1,64}$/.test(text),
  says: "a content type such as application/zip",
};

const SHA256: Form = { takes: isSha256, says: "64 lower-case hex digits" };
const ANY: Form = { takes: (text) => text !== "" && text.length <= MAX_PATH_LENGTH, says: "a text that is not empty" };

/** Says why a path must not be followed, by its text alone; null where it may. */
export function pathProblem(path: string): string | null {
  if (/[\\\0]/.test(path)) return "holds a character that no path here may have";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "is not relative to the manifest";
  const names = path.split("/");
  if (names.includes("..")) return "leaves the folder of the manifest";
  if (names.some((name, i) => name === "" || (name === "." && i > 0))) return "is not in its shortest form";
  return null;
}

/** Reads one row; null where it cannot be used, and the problems say why. */
export function readRow(problems: Problems, value: Json, pointer: string): ManifestRow | null {
  const fields = fieldsOf(problems, value, pointer, KNOWN);
  if (fields === null) return null;
  for (const name of ["platform", "path"]) if (!fields.has(name)) missingField(problems, fields, name);
  const platform = platformOf(problems, fields);
  const path = safePath(problems, fields);
  const filename = filenameOf(problems, fields, path);
  const more = {
    variant: fields.text("variant", VARIANT),
    metadata: metadataOf(problems, fields),
    sizeBytes: fields.number("size_bytes"),
    sha256: fields.text("sha256", SHA256),
  };
  const contentType = fields.text("content_type", CONTENT_TYPE) ?? contentTypeOf(filename ?? "");
  if (platform === null || path === null || filename === null) return null;
  return { pointer, platform, path, filename, contentType, ...more };
}

function platformOf(problems: Problems, fields: Fields): Platform | null {
  const platform = fields.text("platform", ANY);
  if (platform === null || isPlatform(platform)) return platform;
  const meant = nearest(platform, PLATFORMS);
  const known = `Known: ${PLATFORMS.join(" ")}`;
  problems.add(
    "dist.manifest.unknown_platform",
    pointerTo(fields.pointer, "platform"),
    `${JSON.stringify(printable(platform))} is not a platform`,
    platform,
    meant === undefined ? known : `Did you mean ${meant}? ${known}`,
  );
  return null;
}

function safePath(problems: Problems, fields: Fields): string | null {
  const path = fields.text("path", ANY);
  const why = path === null ? null : pathProblem(path);
  if (path === null || why === null) return path;
  const message = `${JSON.stringify(printable(path))} ${why}`;
  problems.add(
    "dist.manifest.path_escape",
    pointerTo(fields.pointer, "path"),
    message,
    path,
    "Put the file beside dist.json or below it",
  );
  return null;
}

function filenameOf(problems: Problems, fields: Fields, path: string | null): string | null {
  if (fields.has("filename") || path === null) return fields.text("filename", FILENAME);
  const name = path.split("/").at(-1) ?? "";
  if (FILENAME.takes(name)) return name;
  const at = pointerTo(fields.pointer, "path");
  problems.add(
    "dist.manifest.wrong_type",
    at,
    `The name of the file is not ${FILENAME.says}`,
    name,
    'Give a "filename"',
  );
  return null;
}

function metadataOf(problems: Problems, fields: Fields): Data {
  const at = pointerTo(fields.pointer, "metadata");
  const given = fields.value("metadata") ?? {};
  const value = typeof given === "string" ? parsedText(problems, given, at) : given;
  const signatures = signaturesOf(problems, fields);
  if (value === null) return {};
  if (!isData(value)) {
    problems.add("dist.manifest.wrong_type", at, "metadata is an object, or JSON text of one", value);
    return {};
  }
  if (new TextEncoder().encode(JSON.stringify(value)).length > MAX_METADATA_BYTES)
    problems.add("dist.manifest.wrong_type", at, `metadata has at most ${MAX_METADATA_BYTES} bytes`);
  return signatures === null ? value : { ...value, signatures };
}

/** JSON text inside the manifest is read as strictly as the manifest itself. */
function parsedText(problems: Problems, text: string, at: string): Json {
  try {
    const bytes = new TextEncoder().encode(text);
    return parseInputJson(bytes, { what: "metadata", code: "dist.manifest.bad_json", maxBytes: MAX_METADATA_BYTES })
      .value;
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause;
    problems.add("dist.manifest.bad_json", at, cause.message);
    return null;
  }
}

function signaturesOf(problems: Problems, fields: Fields): Data | null {
  const value = fields.value("signatures");
  if (value === undefined) return null;
  const texts =
    isData(value) &&
    Object.values(value).every((text) => typeof text === "string" && text.length <= MAX_SIGNATURE_LENGTH);
  if (isData(value) && texts) return value;
  const at = pointerTo(fields.pointer, "signatures");
  problems.add("dist.manifest.wrong_type", at, "signatures is an object of texts by feed", value);
  return null;
}
