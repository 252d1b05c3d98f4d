import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import { errnoOf, fileError } from "../file-errors.ts";

/** Settings in the order in which they stand; a name is `section.name` or `section.subsection.name`, only the subsection keeps its case. */
export type Settings = readonly (readonly [name: string, value: string])[];

const MAX_BYTES = 1024 * 1024;
const BLANK = /(?:\s+|[#;][^\n]*)/y;
const SECTION = /\[([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\\n]|\\.)*)")?\]/y;
const SETTING =
  /([A-Za-z][A-Za-z0-9-]*)[ \t]*(?:=((?:"(?:[^"\\\n]|\\[^\r\n]|\\\r?\n)*"|\\\r?\n|\\[^\r\n]|[^"\\\n;#])*))?(?=\r?(?:[;#\n]|$))/y;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", b: "\b" };

/** Reads the text of a configuration file of git, without what it includes. Throws `state.repository.unsupported`. Source: git-config(1). */
export function parseSettings(text: string, path: string): Settings {
  const found: (readonly [string, string])[] = [];
  let section = "";
  for (let at = text.startsWith("\uFEFF") ? 1 : 0; at < text.length; ) {
    const blank = matchAt(BLANK, text, at);
    const head = blank === null ? matchAt(SECTION, text, at) : null;
    const setting = blank === null && head === null ? matchAt(SETTING, text, at) : null;
    const taken = blank ?? head ?? setting;
    if (taken === null || (setting !== null && section === "")) throw unreadable(path, text, at);
    at += taken[0].length;
    if (head !== null) section = sectionName(head[1] ?? "", head[2]);
    if (setting !== null) found.push([`${section}.${(setting[1] ?? "").toLowerCase()}`, valueOf(setting[2])]);
  }
  return found;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function sectionName(name: string, subsection: string | undefined): string {
  return subsection === undefined
    ? name.toLowerCase()
    : `${name.toLowerCase()}.${subsection.replaceAll(/\\(.)/g, "$1")}`;
}

/** A name alone means true. Quotes only keep blanks and marks of comments. */
function valueOf(raw: string | undefined): string {
  if (raw === undefined) return "true";
  return raw
    .trim()
    .replaceAll(/\\\r?\n|\\(.)|"/g, (_all, escaped?: string) =>
      escaped === undefined ? "" : (ESCAPES[escaped] ?? escaped),
    );
}

function unreadable(path: string, text: string, at: number): ToolError {
  const line = text.slice(0, at).split("\n").length;
  return new ToolError("state.repository.unsupported", `${printable(path)} is no configuration of git: line ${line}`, {
    data: { path: printable(path), line },
    hints: [`Mend line ${line} of ${printable(path)}`],
  });
}

/** Reads a configuration file; nothing where there is none. */
export async function readSettings(path: string): Promise<Settings> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    if (["ENOENT", "ENOTDIR", "EISDIR"].includes(errnoOf(cause))) return [];
    throw fileError(cause, path);
  }
  if (bytes.length > MAX_BYTES) throw unreadable(path, "", 0);
  return parseSettings(Buffer.from(bytes).toString("utf8"), path);
}

/** Settings of the machine and of the user, which a repository cannot change. */
export async function userSettings(env: ReadonlyMap<string, string>): Promise<Settings> {
  const home = env.get("HOME") ?? env.get("USERPROFILE");
  const given = env.get("XDG_CONFIG_HOME");
  const config = given !== undefined && isAbsolute(given) ? given : home === undefined ? null : join(home, ".config");
  const paths = [
    "/etc/gitconfig",
    ...(config === null ? [] : [join(config, "git", "config")]),
    ...(home === undefined ? [] : [join(home, ".gitconfig")]),
  ];
  return (await Promise.all(paths.map(readSettings))).flat();
}

/** The last value of a setting, which counts. Section and name in lower case. */
export function lastOf(settings: Settings, name: string): string | undefined {
  return settings.findLast(([one]) => one === name)?.[1];
}

/** Tells whether a setting is on. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && ["true", "yes", "on", "1"].includes(value.toLowerCase());
}
