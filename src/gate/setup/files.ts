import type { Assets, Files } from "../../ports/files.ts";
import type { InitFile } from "../../schema/types.gen.ts";
import {
  fillWorkflow,
  pinOf,
  type ActionsPin,
  type WorkflowTemplate,
  workflowTemplates,
} from "./workflow-templates.ts";

const MAX_WORKFLOW_BYTES = 262_144;

/** Where workflows are installed. */
export interface InstallOn {
  readonly files: Files;
  readonly assets: Assets;
  /** Null where there is no work tree to write to. */
  readonly workTree: string | null;
  /** Who owns the repository. */
  readonly owner: string;
  readonly pin: ActionsPin | null;
  readonly dryRun: boolean;
}

/** Writes the workflows into the work tree. A file that is there stays as it is, whatever is in it. */
export async function installWorkflows(on: InstallOn): Promise<readonly InitFile[]> {
  const installed: InitFile[] = [];
  for (const template of await workflowTemplates(on.assets)) {
    installed.push({ path: template.path, status: await install(on, template) });
  }
  return installed;
}

async function install(on: InstallOn, template: WorkflowTemplate): Promise<InitFile["status"]> {
  const { files, workTree, owner, pin } = on;
  if (workTree === null) return "elsewhere";
  const path = `${workTree}/${template.path}`;
  if ((await files.stat(path)) !== null) {
    const text = Buffer.from(await files.read(path, MAX_WORKFLOW_BYTES)).toString("utf8");
    return pinOf(template.text, text, owner) === null ? "differs" : "same";
  }
  if (pin === null) return "unpinned";
  if (!on.dryRun) await files.write(path, new TextEncoder().encode(fillWorkflow(template.text, pin, owner)));
  return "written";
}
