import type { ErrorCode } from "../../kernel/error-catalogue.ts";
import { ToolError } from "../../kernel/errors.ts";
import { printable, withoutSecret } from "../../kernel/text.ts";
import { diskErrorIn } from "./disk-errors.ts";

/** What git prints in the C locale when a remote cannot be used, in the order of precedence. */
const KINDS: readonly {
  readonly text: RegExp;
  readonly code: ErrorCode;
  says(remote: string): string;
  readonly hint: string;
}[] = [
  {
    text: /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|returned error: 40[13]|Permission denied \(|Permission to .* denied|HTTP Basic: Access denied/i,
    code: "state.push.unauthorised",
    says: (remote) => `${remote} does not let this user in`,
    hint: "Check the credentials that git has for this remote: git ls-remote shows whether they work",
  },
  {
    text: /dubious ownership/,
    code: "state.repository.unsafe",
    says: (remote) => `${remote} belongs to another user`,
    hint: "If you trust it, add it to git's setting safe.directory",
  },
  {
    text: /repository '.*' not found|does not appear to be a git repository|returned error: 404|Repository not found/i,
    code: "state.repository.missing",
    says: (remote) => `there is no repository at ${remote}`,
    hint: "Check the address",
  },
  {
    text: /returned error: 30[12378]/,
    code: "state.repository.missing",
    says: (remote) => `${remote} sends on to another address, where a token of this one does not go`,
    hint: "Name the repository as it is called now",
  },
  {
    text: /mismatched algorithms|object format|transport '.*' not allowed/,
    code: "state.repository.unsupported",
    says: (remote) => `${remote} cannot be used from here`,
    hint: "Use an address with https, ssh or file, and one kind of object ids on both sides",
  },
  {
    text: /repository corruption on the remote side|is corrupt|did not send all necessary objects|missing necessary objects/,
    code: "state.object.corrupt",
    says: (remote) => `the repository at ${remote} is damaged`,
    hint: "Run git fsck in the remote repository",
  },
];

/** What git said of a remote that it could not use, as an error of ours; what nobody knows is the network's. */
export function remoteError(url: string, stderr: string, doing: string): ToolError {
  const remote = printable(withoutSecret(url));
  const output = printable(stderr.replaceAll(/:\/\/[^\s/]*@/g, "://").trim(), 1000);
  const data = { remote, output };
  const kind = KINDS.find(({ text }) => text.test(stderr));
  if (kind !== undefined)
    return new ToolError(kind.code, `${doing}: ${kind.says(remote)}`, { data, hints: [kind.hint] });
  const disk = diskErrorIn(stderr, doing);
  if (disk !== undefined) return disk;
  const hints = ["Check the connection and run the command again", "--offline reads what was fetched last"];
  return new ToolError("state.push.network", `${doing}: ${remote} cannot be reached`, { data, hints });
}
