import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import { diskErrorIn } from "./disk-errors.ts";

const UNAUTHORISED =
  /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|returned error: 40[13]|Permission denied \(|Permission to .* denied|HTTP Basic: Access denied/i;
const MISSING =
  /repository '.*' not found|does not appear to be a git repository|returned error: 404|Repository not found/i;
const DAMAGED =
  /repository corruption on the remote side|is corrupt|did not send all necessary objects|missing necessary objects/;
const UNSAFE = /dubious ownership/;
const UNSUPPORTED = /mismatched algorithms|object format|transport '.*' not allowed/;

/** What git said of a remote that it could not use, as an error of ours; what nobody knows is the network's. */
export function remoteError(url: string, stderr: string, doing: string): ToolError {
  const remote = printable(withoutSecret(url));
  const output = printable(stderr.replaceAll(url, remote).trim(), 1000);
  const more = { data: { remote, output }, cause: new Error(output) };
  if (UNAUTHORISED.test(stderr)) {
    const hints = ["Check the credentials that git has for this remote: git ls-remote shows whether they work"];
    return new ToolError("state.push.unauthorised", `${doing}: ${remote} does not let this user in`, {
      ...more,
      hints,
    });
  }
  if (UNSAFE.test(stderr)) {
    const hints = ["If you trust it, add it to git's setting safe.directory"];
    return new ToolError("state.repository.unsafe", `${doing}: ${remote} belongs to another user`, { ...more, hints });
  }
  if (MISSING.test(stderr)) {
    return new ToolError("state.repository.missing", `${doing}: there is no repository at ${remote}`, {
      ...more,
      hints: ["Check the address"],
    });
  }
  if (UNSUPPORTED.test(stderr))
    return new ToolError("state.repository.unsupported", `${doing}: ${remote} cannot be used from here`, more);
  if (DAMAGED.test(stderr)) {
    const hints = ["Run git fsck in the remote repository"];
    return new ToolError("state.object.corrupt", `${doing}: the repository at ${remote} is damaged`, {
      ...more,
      hints,
    });
  }
  const disk = diskErrorIn(stderr, doing);
  if (disk !== undefined) return disk;
  const hints = ["Check the connection and run the command again", "--offline reads what was fetched last"];
  return new ToolError("state.push.network", `${doing}: ${remote} cannot be reached`, { ...more, hints });
}

/** An address without the name and the password that may stand in it. */
export function withoutSecret(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}
