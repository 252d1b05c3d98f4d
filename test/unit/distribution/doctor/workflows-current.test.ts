import { describe, expect, it } from "vitest";
import { workflowsCurrent } from "../../../../src/distribution/doctor/workflows-current.ts";
import { fillWorkflow, workflowTemplates } from "../../../../src/gate/setup/workflow-templates.ts";
import type { InstalledWorkflow } from "../../../../src/ports/forge-settings.ts";
import { containing, examineBy } from "../../../support/examine.ts";
import { healthyForge, noPermission } from "../../../support/healthy-forge.ts";
import { makeWorld } from "../../../support/world.ts";

const pin = { repository: "acme-tools/waybill", commit: "1".repeat(40), version: "0.2.0" };

/** The check on a repository with all templates, where one of them is changed. */
async function found(change: (text: string, path: string) => string | null, state: string | null = "active") {
  const world = makeWorld();
  const files = new Map<string, string>();
  for (const { path, text } of await workflowTemplates(world.assets)) {
    const installed = change(fillWorkflow(text, pin, "acme"), path);
    if (installed !== null) files.set(path, installed);
  }
  const installed = [...files.keys()].map((path): InstalledWorkflow => ({ path, state }));
  const forgeSettings = healthyForge({
    workflows: async () => ({ said: installed }),
    file: async (path) => (files.has(path) ? new TextEncoder().encode(files.get(path)) : null),
  });
  return examineBy(workflowsCurrent, { ...world, forgeSettings, ground: { ...world.ground, version: "0.2.0" } });
}

const isSync = (path: string) => path.endsWith("waybill-gate-sync.yml");

describe("workflows.current", () => {
  it("finds nothing wrong with workflows as they are installed, whatever their line ends", async () => {
    expect(await found((text) => text)).toEqual([]);
    expect(await found((text) => text.replaceAll("\n", "\r\n"))).toEqual([]);
  });

  it("lets a repository do without, or change, what is not required", async () => {
    const isOwn = (path: string) => path.endsWith("waybill-publish.yml") || path.endsWith("waybill-promote.yml");
    expect(await found((text, path) => (isOwn(path) ? null : text))).toEqual([]);
    expect(await found((text, path) => (isOwn(path) ? `${text}# ours\n` : text))).toEqual([]);
  });

  it("warns of a required one that is missing, and of one that is another", async () => {
    expect(await found((text, path) => (isSync(path) ? null : text))).toMatchObject([
      { status: "warn", message: containing("is not on the default branch"), fix: containing("waybill init --github") },
    ]);
    expect(await found((text, path) => (isSync(path) ? `${text}#\n` : text))).toMatchObject([
      { status: "warn", message: containing("is not the one") },
    ]);
  });

  it("warns of one that uses another version, and of each that does not run", async () => {
    const older = (text: string) => text.replaceAll("# v0.2.0", "# v0.1.0");
    expect(await found((text, path) => (isSync(path) ? older(text) : text))).toMatchObject([
      { status: "warn", message: containing("uses Waybill 0.1.0, and this is 0.2.0") },
    ]);
    const stopped = await found((text) => text, "disabled_inactivity");
    expect(stopped[0]).toMatchObject({ status: "warn", fix: containing("gh workflow enable") });
  });

  it("is unknown where the token may not read workflows", async () => {
    const forgeSettings = healthyForge({ workflows: async () => noPermission });
    expect(await examineBy(workflowsCurrent, makeWorld({ forgeSettings }))).toMatchObject([{ status: "unknown" }]);
  });
});
