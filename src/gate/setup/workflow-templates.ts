import { ToolError } from "../../kernel/errors.ts";
import { isData } from "../../kernel/json.ts";
import { decodeUtf8 } from "../../kernel/text.ts";
import type { Assets } from "../../ports/files.ts";

const MANIFEST = "templates/workflows.json";
/** What stands in a template for the repository of Waybill's actions, their commit and version, and the owner who installs it. */
const REPOSITORY = "waybill-owner/waybill";
const COMMIT = "0000000000000000000000000000000000000000 # v0.0.0";
const OWNER = "your-organisation";

/** A workflow that `waybill init --github` installs. */
export interface WorkflowTemplate {
  /** Where it is installed, for example `.github/workflows/waybill-publish.yml`. */
  readonly path: string;
  readonly purpose: string;
  /** False where a repository may do without it, or with another one in its place. */
  readonly isRequired: boolean;
  readonly text: string;
}

/** Which actions workflows use: their repository, the commit that is pinned, and its version for people. */
export interface ActionsPin {
  readonly repository: string;
  readonly commit: string;
  readonly version: string;
}

/** Reads the workflows that ship with this version. */
export async function workflowTemplates(assets: Assets): Promise<readonly WorkflowTemplate[]> {
  const rows: unknown = JSON.parse(decodeUtf8(await assets.read(MANIFEST), MANIFEST));
  if (!Array.isArray(rows)) throw new ToolError("internal.bug", `${MANIFEST} is no list`);
  const templates: WorkflowTemplate[] = [];
  for (const row of rows) {
    const { file, install, purpose, required } = isData(row) ? row : {};
    if (typeof file !== "string" || typeof install !== "string" || typeof purpose !== "string")
      throw new ToolError("internal.bug", `${MANIFEST} has a row without file, install or purpose`);
    const text = decodeUtf8(await assets.read(file), file);
    templates.push({ path: install, purpose, isRequired: required === true, text });
  }
  return templates;
}

/** Fills a template in for a repository of `owner`. */
export function fillWorkflow(template: string, pin: ActionsPin, owner: string): string {
  return template
    .replaceAll(REPOSITORY, () => pin.repository)
    .replaceAll(COMMIT, () => `${pin.commit} # v${pin.version}`)
    .replaceAll(OWNER, () => owner);
}

/** Finds which actions an installed workflow uses, where it is its template as filled in for any pin; null where it is not. */
export function pinOf(template: string, installed: string, owner: string): ActionsPin | null {
  const text = installed.replaceAll("\r\n", "\n");
  const at = template.split("\n").findIndex((line) => line.includes(REPOSITORY) && line.includes(COMMIT));
  const line = text.split("\n")[at] ?? "";
  const found = /([\w.-]{1,100}\/[\w.-]{1,100})[\w./-]{0,200}@([0-9a-f]{40}) # v([\w.+-]{1,100})/.exec(line);
  const [, repository = "", commit = "", version = ""] = found ?? [];
  const pin = { repository, commit, version };
  return fillWorkflow(template, pin, owner) === text ? pin : null;
}
