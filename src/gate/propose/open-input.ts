import { isRefused, reason, type Refused, refuse, ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Files } from "../../ports/files.ts";
import type { Forge } from "../../ports/forge.ts";
import type { NewApprover, NewAttestor, PolicyChange } from "../core/policy-edit.ts";
import { parseApprover, type Wanted } from "./open.ts";

/** Largest file that may propose a document: 1 MiB, as on the branch. */
const MAX_BYTES = 1_048_576;
/** Largest public key file. */
const MAX_KEY_BYTES = 16_384;

/** Flags of `gate open` by name. */
type Flags = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** What is proposed, and from where. */
export type WantedOf =
  | { readonly kind: "policy" | "principals"; readonly wanted: Wanted }
  | { readonly kind: "sigstore-root"; readonly wanted: Extract<Wanted, { readonly file: unknown }> }
  | { readonly kind: "rewrite"; readonly wanted: { readonly old: string; readonly new: string } };

/** Flags by which a policy is changed; with a file, the change stands in the file. */
const CHANGES = ["add-approver", "add-attestor", "min-approvals"];
/** Flags of each kind. */
const FLAGS: Readonly<Record<WantedOf["kind"], readonly string[]>> = {
  policy: ["file", ...CHANGES],
  principals: ["file"],
  "sigstore-root": ["file"],
  rewrite: ["old", "new"],
};

/** Where people's keys and accounts are looked up. */
export interface PeopleFrom {
  readonly files: Files;
  /** Knows the accounts behind logins; absent where there is none. */
  readonly forge?: Pick<Forge, "account" | "name" | "repositoryId">;
}

/** Reads what `gate open` is asked for from flags and the files that they name. Refuses with `usage.invalid_argument`. */
export async function readWanted(from: PeopleFrom, flags: Flags): Promise<WantedOf | Refused> {
  const { kind, file } = flags;
  if (!isKind(kind))
    return usage(
      `"${printable(String(kind))}" cannot be proposed here`,
      "policy, principals, sigstore-root or rewrite",
    );
  const wrong = misplacedFlag(kind, flags);
  if (wrong !== undefined)
    return usage(`--${wrong} says nothing of this proposal`, FLAGS[kind].map((name) => `--${name}`).join(", "));
  if (kind === "rewrite") return { kind, wanted: { old: String(flags["old"] ?? ""), new: String(flags["new"] ?? "") } };
  if (typeof file === "string")
    return { kind, wanted: { file: { what: file, bytes: await from.files.read(file, MAX_BYTES) } } };
  if (kind === "principals") return usage("Principals are proposed from a file", "--file principals.json");
  if (kind === "sigstore-root") return usage("Roots are proposed from a file", "--file trusted_root.jsonl");
  const change = await changeOf(from, flags);
  if (isRefused(change)) return change;
  if (change.approvers.length === 0 && change.minApprovals === null && change.attestors === undefined) {
    return usage("Nothing to change was given", "--file, --add-approver, --add-attestor or --min-approvals");
  }
  return { kind, wanted: { change } };
}

function isKind(kind: Flags[string]): kind is WantedOf["kind"] {
  return typeof kind === "string" && Object.hasOwn(FLAGS, kind);
}

/** A flag that would be passed over: of another kind, or a change beside the file that holds all of it. */
function misplacedFlag(kind: WantedOf["kind"], flags: Flags): string | undefined {
  const taken = flags["file"] === undefined ? FLAGS[kind] : FLAGS[kind].filter((name) => !CHANGES.includes(name));
  const all = [...new Set(Object.values(FLAGS).flat())];
  return all.find((name) => flags[name] !== undefined && !taken.includes(name));
}

async function changeOf(from: PeopleFrom, flags: Flags): Promise<PolicyChange | Refused> {
  const minimum = flags["min-approvals"];
  const approvers: NewApprover[] = [];
  for (const text of textsOf(flags["add-approver"])) {
    const approver = await approverOf(from, text);
    if (isRefused(approver)) return approver;
    approvers.push(approver);
  }
  const attestors: NewAttestor[] = [];
  for (const text of textsOf(flags["add-attestor"])) {
    const attestor = await attestorOf(from, text);
    if (isRefused(attestor)) return attestor;
    attestors.push(attestor);
  }
  return {
    approvers,
    minApprovals: typeof minimum === "number" ? minimum : null,
    ...(attestors.length === 0 ? {} : { attestors }),
  };
}

function textsOf(given: Flags[string]): readonly string[] {
  if (typeof given === "object") return given;
  return typeof given === "string" ? [given] : [];
}

/** A workflow as policy names it, with the number of its repository where that is another one than this. */
const WORKFLOW = /^(?:([1-9][0-9]{0,15}):)?(\.github\/workflows\/[^@]+@refs\/heads\/.+)$/;

/** Reads `<name>=<public key file>` or `<name>=[<repository id>:]<workflow>@<branch>`. */
async function attestorOf({ files, forge }: PeopleFrom, text: string): Promise<NewAttestor | Refused> {
  const at = text.indexOf("=");
  const [name, given] = [text.slice(0, at), text.slice(at + 1)];
  const example = "--add-attestor gate-sync=.github/workflows/waybill-gate-sync.yml@refs/heads/main";
  if (at < 1)
    return usage(`"${printable(text)}" is not <name>=<public key file> or <name>=<workflow>@<branch>`, example);
  const [, id, workflow] = WORKFLOW.exec(given) ?? [];
  if (workflow === undefined) {
    const line = await keyLine(files, given);
    return { name, is: { key: parseApprover(line) } };
  }
  const repositoryId = id === undefined ? await forge?.repositoryId() : Number(id);
  if (repositoryId === undefined)
    return usage(
      "The number of the workflow's repository is not known here",
      `${name}=<repository id>:${printable(workflow)}`,
    );
  return { name, is: { sigstore: { repository_id: repositoryId, workflow } } };
}

/** The text of a public key file; where there is none, who asks is told where keys lie. */
async function keyLine(files: Files, path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await files.read(path, MAX_KEY_BYTES));
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code !== "file.not_found") throw cause;
    const hints = ["waybill keys list says where keys lie here; their public halves end in .pub"];
    throw new ToolError(cause.code, cause.message, { data: cause.data, hints, cause });
  }
}

/** Reads `<name>=<public key file>` or `<name>=@<login>`; the id behind a login is what counts from then on. */
async function approverOf({ files, forge }: PeopleFrom, text: string): Promise<NewApprover | Refused> {
  const at = text.indexOf("=");
  const [person, given] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1)
    return usage(
      `"${printable(text)}" is not <name>=<public key file> or <name>=@<login>`,
      "--add-approver bob=bob.pub",
    );
  if (!given.startsWith("@")) {
    const line = await keyLine(files, given);
    return { person, has: { publicKey: parseApprover(line) } };
  }
  const account = (await forge?.account(given.slice(1))) ?? null;
  const where = forge === undefined ? "no forge is in use here" : `${forge.name} knows no such account`;
  if (account === null) return usage(`${printable(given)} cannot be looked up: ${where}`, "--add-approver bob=bob.pub");
  if (account.kind === "bot") return usage(`${printable(given)} is a bot, and bots do not approve`, "Name a person");
  return { person, has: { github: { id: account.id, login: account.login } } };
}

function usage(message: string, hint: string): Refused {
  return refuse(reason("usage.invalid_argument", message, {}, hint));
}
