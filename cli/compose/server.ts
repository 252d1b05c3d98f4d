import { ToolError } from "../../src/kernel/errors.ts";
import { printable, withoutSecret } from "../../src/kernel/text.ts";

/** What `--server` names. */
export type Server =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "remote"; readonly url: string }
  | { readonly kind: "github"; readonly owner: string; readonly repo: string };

/**
 * Reads `--server`: a path, the URL of a git repository, or `owner/repo` on GitHub. `isFolder` tells whether a folder of that name is
 * there. Throws `usage.not_here` for what later versions reach: the URL of a `distd`.
 */
export function serverOf(text: string, isFolder: boolean): Server {
  if (isFolder || /^(?:[./~\\]|[A-Za-z]:[\\/])/.test(text)) return { kind: "path", path: text };
  if (/^(?:ssh|git|file):\/\//.test(text) || /^[\w.-]+@[\w.-]+:/.test(text)) return { kind: "remote", url: text };
  if (/^https?:\/\//.test(text)) {
    if (/^https?:\/\/[^/?#]+\/[^?#]*\.git\/?$/.test(text)) return { kind: "remote", url: text };
    throw notHere(
      text,
      "is the address of a distd, which comes with version 0.3",
      "the address of a git repository, ending in .git",
    );
  }
  const named = /^([A-Za-z0-9][A-Za-z0-9-]{0,38})\/([\w.-]{1,100})$/.exec(text);
  if (named?.[1] !== undefined && named[2] !== undefined && !/^\.+$/.test(named[2]))
    return { kind: "github", owner: named[1], repo: named[2] };
  throw new ToolError(
    "usage.invalid_argument",
    `--server ${printable(withoutSecret(text))} is no path, URL or owner/repo`,
    {
      hints: [`A folder of the current folder is written ./${printable(withoutSecret(text))}`],
    },
  );
}

function notHere(text: string, why: string, instead: string): ToolError {
  return new ToolError("usage.not_here", `--server ${printable(withoutSecret(text))} ${why}`, {
    hints: [`Give ${instead}`],
  });
}
