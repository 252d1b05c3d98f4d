import type { InitGithub, InitResultV1 } from "../../src/schema/types.gen.ts";

/** Tells that workflows were left out because no commit of the actions is known. */
export function unpinned({ files }: InitGithub): boolean {
  return files.some(({ status }) => status === "unpinned");
}

/** The one next command on GitHub: what is not pushed, then what is not committed, then what is not protected, then a look at all. */
export function githubNext({ location, planned }: InitResultV1, github: InitGithub): readonly string[] {
  if (planned) return ["The same command without --dry-run"];
  if (!github.branches_there) return ["git push origin waybill/state waybill/decisions"];
  const written = github.files.filter(({ status }) => status === "written").map(({ path }) => path);
  if (written.length > 0) return [`git add ${written.join(" ")} && git commit -m "Set up Waybill" && git push`];
  if (unpinned(github)) return ["waybill init --github --actions <owner/repo>@<commit>"];
  const isProtected = github.rulesets.every(({ status }) => ["created", "updated", "same"].includes(status));
  const server = location === github.repository ? ` --server ${location}` : "";
  if (!isProtected && !github.rulesets.some(({ status }) => status === "refused"))
    return [`waybill init --github --apply${server} (an administrator)`];
  return [`waybill doctor${server}`];
}
