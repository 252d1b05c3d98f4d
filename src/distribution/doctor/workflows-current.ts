import { pinOf, type WorkflowTemplate, workflowTemplates } from "../../gate/setup/workflow-templates.ts";
import { decodeUtf8 } from "../../kernel/text.ts";
import type { ForgeSettings, InstalledWorkflow } from "../../ports/forge-settings.ts";
import { onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { warn } from "./symptoms.ts";

/** The workflows that keep a repository in order are on the default branch, as this version has them, and run. */
export const workflowsCurrent: DoctorCheck = onForge({
  id: "workflows.current",
  title: "The workflows of Waybill are installed, of this version, and run",
  run: (forge, { assets, ground: { version } }) =>
    whereSaid(forge.workflows(), async (installed) => {
      const symptoms: Symptom[] = [];
      for (const template of await workflowTemplates(assets)) {
        const found = installed.find(({ path }) => path === template.path);
        if (found === undefined) symptoms.push(...missing(template));
        else symptoms.push(...stopped(found, template), ...(await aged(forge, template, version ?? null)));
      }
      return symptoms;
    }),
});

function missing({ path, purpose, isRequired }: WorkflowTemplate): readonly Symptom[] {
  if (!isRequired) return [];
  return [warn(`${path} is not on the default branch; it ${purpose}`, "waybill init --github, then commit it")];
}

function stopped({ path, state }: InstalledWorkflow, { purpose }: WorkflowTemplate): readonly Symptom[] {
  if (state === null || state === "active") return [];
  const name = path.split("/").at(-1) ?? path;
  return [warn(`${path} does not run (${state}); it ${purpose}`, `gh workflow enable ${name}`)];
}

async function aged(
  forge: ForgeSettings,
  { path, text, isRequired }: WorkflowTemplate,
  version: string | null,
): Promise<readonly Symptom[]> {
  // What a repository may do without is there to be changed.
  const bytes = isRequired ? await forge.file(path) : null;
  if (bytes === null) return [];
  const [owner = ""] = (await forge.repository()).name.split("/");
  const pin = pinOf(text, decodeUtf8(bytes, path), owner);
  const again = `Remove ${path}, then waybill init --github writes it as this version has it`;
  if (pin === null) return [warn(`${path} is not the one that this version installs`, again)];
  if (version === null || pin.version === version) return [];
  return [warn(`${path} uses Waybill ${pin.version}, and this is ${version}`, again)];
}
