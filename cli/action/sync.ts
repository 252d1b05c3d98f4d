import { ToolError } from "../../src/kernel/errors.ts";
import { type Data, isData } from "../../src/kernel/json.ts";
import { printable } from "../../src/kernel/text.ts";
import type { Host } from "../host.ts";
import { styleOf } from "../output/style.ts";
import { withDefaults } from "../run.ts";
import type { AnyAction } from "./action.ts";

const WORKFLOW = /^[\w.-]{1,200}\.ya?ml$/;

/**
 * Starts the workflow that syncs the gate after a proposal was opened with the workflow's own token, whose events start nothing.
 * Never fails the step: the schedule of that workflow catches up.
 */
export async function startSync(host: Host, action: AnyAction, told: Data): Promise<void> {
  const workflow = (host.env.get("WAYBILL_SYNC_WORKFLOW") ?? "").trim();
  const isSilent = host.env.get("WAYBILL_IS_WORKFLOW_TOKEN") === "true";
  const { result } = told;
  if (workflow === "" || !isSilent || !isData(result) || action.opened?.(result) !== true) return;
  const said = WORKFLOW.test(workflow) ? await started(host, action, workflow) : "is no name of a workflow file";
  if (said !== null) host.stderr.write(`${printable(workflow)} ${said}\n`);
}

async function started(host: Host, { command }: AnyAction, workflow: string): Promise<string | null> {
  const args = withDefaults({}, host.env);
  try {
    const composed = await host.compose({
      command: { ...command, needs: ["forge"] },
      args,
      err: styleOf(host.stderr, host.env, true),
    });
    try {
      const { forge } = composed.world;
      if (!forge) return null;
      await forge.dispatch(workflow, {});
      return "was started";
    } finally {
      await composed.close();
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return `was not started, its schedule catches up: ${printable(error.message)} (${error.code})`;
  }
}
