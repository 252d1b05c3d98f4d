import { describe, expect, it } from "vitest";
import { stateExport } from "../../../cli/commands/state-export.ts";
import { stateImport } from "../../../cli/commands/state-import.ts";
import type { StateBundleV1 } from "../../../src/schema/types.gen.ts";

const NOW = new Date("2026-11-23T10:00:00Z");
const root = "a".repeat(40);
const sha256 = "b".repeat(64);

const bundle: StateBundleV1 = {
  schema: "state-bundle.v1",
  tenant_id: "acme",
  repo_id: "repo_1",
  root,
  branches: [{ name: "waybill/state", commit: "c".repeat(40) }],
  history: { path: "history.bundle", size_bytes: 10, sha256 },
  release: null,
  artifacts: [{ path: `artifacts/bb/${sha256}`, size_bytes: 3, sha256, filename: "a.zip" }],
};

describe("the next command", () => {
  it("after an import reads the stored files where they were put", async () => {
    const result = {
      schema: "state-import-result.v1",
      planned: false,
      unchanged: false,
      location: "/srv/it's here",
      bundle,
    } as const;
    const said = async (args: Record<string, string>) => (await stateImport.screen(result, NOW, args)).next;
    const verify = String.raw`waybill state verify --server '/srv/it'\''s here' --root ${root} --artifacts`;
    expect(await said({})).toEqual([verify]);
    expect(await said({ "local-store": "./files" })).toEqual([`${verify} --local-store ./files`]);
    expect((await stateImport.screen({ ...result, planned: true }, NOW)).next).toBeUndefined();
    expect(await said({ "local-store": "my files" })).toEqual([`${verify} --local-store 'my files'`]);
  });

  it("after an export names the file as one word", async () => {
    const written = { schema: "state-export-result.v1", size_bytes: 100, sha256, bundle } as const;
    const { next } = await stateExport.screen({ ...written, path: "-all of it.zip" }, NOW);
    expect(next).toEqual([
      "waybill state import './-all of it.zip' ./copy.git",
      `waybill state verify --server ./copy.git --root ${root} --artifacts`,
    ]);
  });
});
