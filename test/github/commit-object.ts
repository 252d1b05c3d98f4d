import { createHash } from "node:crypto";

/** Who wrote a commit and when, with the zone that it was written in. */
export interface Identity {
  readonly name: string;
  readonly email: string;
  readonly at: Date;
  /** For example `+0200`; UTC where absent. */
  readonly zone?: string;
}

/** What a commit is made of. */
export interface CommitParts {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Identity;
  readonly committer: Identity;
  /** Signed by the forge; the block is made up, its place and shape are real. */
  readonly isSigned?: boolean;
}

/** A commit as it was read. */
export interface ParsedCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Required<Identity>;
  readonly committer: Required<Identity>;
  readonly signature: string | null;
  /** What the signature covers; null where there is none. */
  readonly payload: string | null;
}

/** The committer of commits that GitHub makes by itself. */
export function webFlow(at: Date): Identity {
  return { name: "GitHub", email: "noreply@github.com", at };
}

/** The identity of an account as GitHub writes it where a request names none. */
export function identityOf(account: { readonly id: number; readonly login: string }, at: Date): Identity {
  return { name: account.login, email: `${account.id}+${account.login}@users.noreply.github.com`, at };
}

/** Prints a commit object. */
export function printCommit(parts: CommitParts): Buffer {
  const head = [
    `tree ${parts.tree}`,
    ...parts.parents.map((parent) => `parent ${parent}`),
    `author ${printIdentity(parts.author)}`,
    `committer ${printIdentity(parts.committer)}`,
  ].join("\n");
  const payload = `${head}\n\n${parts.message}`;
  if (parts.isSigned !== true) return Buffer.from(payload);
  const folded = signatureOf(payload).split("\n").join("\n ");
  return Buffer.from(`${head}\ngpgsig ${folded}\n\n${parts.message}`);
}

/** Reads a commit object. */
export function parseCommit(bytes: Buffer): ParsedCommit {
  const text = bytes.toString("utf8");
  const end = text.indexOf("\n\n");
  const message = text.slice(end + 2);
  const headers = text.slice(0, end).replaceAll("\n ", "\r").split("\n");
  const all = (name: string): string[] =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const signature = all("gpgsig")[0]?.replaceAll("\r", "\n") ?? null;
  const unsigned = headers.filter((line) => !line.startsWith("gpgsig ")).join("\n");
  return {
    tree: all("tree")[0] ?? "",
    parents: all("parent"),
    message,
    author: parseIdentity(all("author")[0] ?? ""),
    committer: parseIdentity(all("committer")[0] ?? ""),
    signature,
    payload: signature === null ? null : `${unsigned.replaceAll("\r", "\n ")}\n\n${message}`,
  };
}

/** Prints a time in the zone that it was written in, as GraphQL's GitTimestamp does. */
export function zonedTime(identity: Required<Identity>): string {
  const [, sign = "+", hours = "00", minutes = "00"] = /^([+-])(\d\d)(\d\d)$/.exec(identity.zone) ?? [];
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
  const local = new Date(identity.at.getTime() + offsetMs).toISOString().slice(0, 19);
  return offsetMs === 0 ? `${local}Z` : `${local}${sign}${hours}:${minutes}`;
}

/** Prints a time as the REST API does: UTC, whole seconds. */
export function utcTime(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** Reads the part of a person line after `author` or `tagger`. */
export function parseIdentity(line: string): Required<Identity> {
  const [, name = "", email = "", seconds = "0", zone = "+0000"] =
    /^(.*?) ?<([^>]*)> (-?\d+) ([+-]\d{4})$/.exec(line) ?? [];
  return { name, email, at: new Date(Number(seconds) * 1000), zone };
}

/** Prints the part of a person line after `author` or `tagger`; bytes that would break the line vanish. */
export function printIdentity(identity: Identity): string {
  const clean = (text: string): string => text.replaceAll(/[<>\n\0]/g, "");
  const seconds = Math.floor(identity.at.getTime() / 1000);
  return `${clean(identity.name)} <${clean(identity.email)}> ${seconds} ${identity.zone ?? "+0000"}`;
}

function signatureOf(payload: string): string {
  const lines = [0, 1, 2, 3].map((n) => createHash("sha512").update(`${n}${payload}`).digest("base64").slice(0, 64));
  return `-----BEGIN PGP SIGNATURE-----\n\n${lines.join("\n")}\n=WqQf\n-----END PGP SIGNATURE-----\n`;
}
