import { isRefused, reason, type Refused, refuse } from "../kernel/errors.ts";
import { printable } from "../kernel/text.ts";
import type { Files } from "../ports/files.ts";
import type { PolicyChange } from "./core/policy-edit.ts";
import { parseApprover, type Wanted } from "./open.ts";

/** Largest file that may propose a document: 1 MiB, as on the branch. */
const MAX_BYTES = 1_048_576;
/** Largest public key file. */
const MAX_KEY_BYTES = 16_384;

/** Flags of `gate open` by name. */
type Flags = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Reads what `gate open` is asked for from flags and the files that they name. Refuses with `usage.invalid_argument`. */
export async function readWanted(
  files: Files,
  flags: Flags,
): Promise<{ readonly kind: "policy" | "principals"; readonly wanted: Wanted } | Refused> {
  const { kind, file } = flags;
  if (kind !== "policy" && kind !== "principals")
    return usage(`"${printable(String(kind))}" cannot be proposed here`, "policy or principals");
  if (typeof file === "string")
    return { kind, wanted: { file: { what: file, bytes: await files.read(file, MAX_BYTES) } } };
  if (kind === "principals") return usage("Principals are proposed from a file", "--file principals.json");
  const change = await changeOf(files, flags);
  if (isRefused(change)) return change;
  if (change.approvers.length === 0 && change.minApprovals === null) {
    return usage("Nothing to change was given", "--file, --add-approver or --min-approvals");
  }
  return { kind, wanted: { change } };
}

async function changeOf(files: Files, flags: Flags): Promise<PolicyChange | Refused> {
  const given = flags["add-approver"];
  const minimum = flags["min-approvals"];
  const approvers: PolicyChange["approvers"][number][] = [];
  for (const text of Array.isArray(given) ? given.map(String) : typeof given === "string" ? [given] : []) {
    const at = text.indexOf("=");
    if (at < 1) return usage(`"${printable(text)}" is not <name>=<public key file>`, "--add-approver bob=bob.pub");
    const line = new TextDecoder().decode(await files.read(text.slice(at + 1), MAX_KEY_BYTES));
    approvers.push(parseApprover(text.slice(0, at), line));
  }
  return { approvers, minApprovals: typeof minimum === "number" ? minimum : null };
}

function usage(message: string, hint: string): Refused {
  return refuse(reason("usage.invalid_argument", message, {}, hint));
}
