import { counted } from "../output/cells.ts";
import type { InitGithub, InitResultV1 } from "../../src/schema/types.gen.ts";

const WORKFLOWS = ".github/workflows/waybill-";

/** Tells that workflows were left out because no commit of the actions is known. */
export function unpinned({ files }: InitGithub): boolean {
  return files.some(({ status }) => status === "unpinned");
}

/** Paths of the files that this run wrote. */
function writtenOf({ files }: InitGithub): readonly string[] {
  return files.filter(({ status }) => status === "written").map(({ path }) => path);
}

/** The files that this run wrote, in few words; empty where there are none. */
export function writtenText(github: InitGithub): string {
  const written = writtenOf(github);
  const workflows = written.filter(isWorkflow).length;
  const others = written.filter((path) => !isWorkflow(path));
  return [...others, ...(workflows === 0 ? [] : [`${counted(workflows, "workflow")} as ${WORKFLOWS}*.yml`])].join(", ");
}

function isWorkflow(path: string): boolean {
  return path.startsWith(WORKFLOWS);
}

/** The one next command on GitHub: what is not pushed, then what is not committed, then what is not protected, then a look at all. */
export function githubNext({ location, planned }: InitResultV1, github: InitGithub): readonly string[] {
  if (planned) return ["The same command without --dry-run"];
  if (!github.branches_there) return ["git push origin waybill/state waybill/decisions"];
  const paths = new Set(writtenOf(github).map((path) => (isWorkflow(path) ? `${WORKFLOWS}*.yml` : path)));
  if (paths.size > 0) return [`git add ${[...paths].join(" ")} && git commit -m "Set up Waybill" && git push`];
  if (unpinned(github)) return ["waybill init --github --actions <owner/repo>@<commit>"];
  const isProtected = github.rulesets.every(({ status }) => ["created", "updated", "same"].includes(status));
  const server = location === github.repository ? ` --server ${location}` : "";
  if (!isProtected && !github.rulesets.some(({ status }) => status === "refused"))
    return [`waybill init --github --apply${server} (an administrator)`];
  return [`waybill doctor${server}`];
}
