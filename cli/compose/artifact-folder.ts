import { join, resolve } from "node:path";
import { ToolError } from "../../src/kernel/errors.ts";
import { printable, withoutSecret } from "../../src/kernel/text.ts";
import type { Args } from "../command.ts";
import type { RepositoryAt } from "../world.ts";
import { localGit } from "./local-git.ts";

/** Folder of the stored artifacts: `--local-store`, else git's `waybill.localStore`, else below the git folder. */
export async function artifactFolder(
  args: Args,
  env: ReadonlyMap<string, string>,
  repository: () => Promise<RepositoryAt>,
): Promise<string> {
  const given = args["local-store"];
  if (typeof given === "string") return resolve(given);
  const { gitDir, workTree, location } = await repository();
  if (gitDir === null) {
    throw new ToolError(
      "usage.missing_argument",
      `Where the artifacts of ${printable(withoutSecret(location))} lie is not known here`,
      {
        hints: ["Give --local-store <dir>, or set DIST_LOCAL_STORE"],
      },
    );
  }
  const set = await (await localGit(args, env)).settingOf(gitDir, "waybill.localStore");
  // A relative setting is relative to the work tree, as git reads its own.
  return set === undefined ? join(gitDir, "waybill", "artifacts") : resolve(workTree ?? gitDir, set);
}
