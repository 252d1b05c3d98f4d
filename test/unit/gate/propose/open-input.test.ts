import { describe, expect, it } from "vitest";
import { readWanted } from "../../../../src/gate/propose/open-input.ts";
import { isRefused, orThrow, ToolError } from "../../../../src/kernel/errors.ts";
import type { Account } from "../../../../src/ports/forge.ts";
import { makeWorld } from "../../../support/world.ts";

const accounts: Readonly<Record<string, Account>> = {
  bob: { id: 7, login: "Bob", kind: "user" },
  "ci[bot]": { id: 8, login: "ci[bot]", kind: "bot" },
};
const forge = {
  name: "acme/notes",
  account: async (login: string) => accounts[login] ?? null,
  repositoryId: async () => 4711,
};

describe("people in gate open policy", () => {
  it("are found by login and kept by id", async () => {
    const { files } = makeWorld();
    const { wanted } = orThrow(await readWanted({ files, forge }, { kind: "policy", "add-approver": ["bob=@bob"] }));
    expect(wanted).toEqual({
      change: { approvers: [{ person: "bob", has: { github: { id: 7, login: "Bob" } } }], minApprovals: null },
    });
  });

  it.each(["bob=@nobody", "bob=@ci[bot]", "=@bob", "bob"])("refuses %s", async (text) => {
    const { files } = makeWorld();
    expect(isRefused(await readWanted({ files, forge }, { kind: "policy", "add-approver": [text] }))).toBe(true);
  });

  it.each(["add-approver", "add-attestor"])("says where keys lie where --%s names no file", async (flag) => {
    const { files, folder } = makeWorld();
    const asked = { kind: "policy", [flag]: [`bob=${folder}/bob.pub`] };
    const said = await readWanted({ files, forge }, asked).catch((cause: unknown) => cause);
    expect(said).toMatchObject({ code: "file.not_found" });
    expect(said instanceof ToolError && said.hints[0]).toContain("waybill keys list");
  });

  it("refuses logins where there is no forge to look them up", async () => {
    const { files } = makeWorld();
    expect(isRefused(await readWanted({ files }, { kind: "policy", "add-approver": ["bob=@bob"] }))).toBe(true);
  });
});

describe("attestors in gate open policy", () => {
  const workflow = ".github/workflows/gate.yml@refs/heads/main";
  const read = (text: string, from: Partial<Parameters<typeof readWanted>[0]> = { forge }) =>
    readWanted({ files: makeWorld().files, ...from }, { kind: "policy", "add-attestor": [text] });

  it("are workflows of this repository, or of the one whose number is given", async () => {
    const named = (repository_id: number) => ({
      kind: "policy",
      wanted: {
        change: {
          approvers: [],
          minApprovals: null,
          attestors: [{ name: "ci", is: { sigstore: { repository_id, workflow } } }],
        },
      },
    });
    expect(await read(`ci=${workflow}`)).toEqual(named(4711));
    expect(await read(`ci=12:${workflow}`, {})).toEqual(named(12));
  });

  it("are keys by the file that holds them", async () => {
    const { files, folder } = makeWorld();
    const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    await files.write(`${folder}/ci.pub`, Buffer.from(`${line} ci@host`));
    expect(await read(`ci=${folder}/ci.pub`, { files })).toMatchObject({
      wanted: { change: { attestors: [{ name: "ci", is: { key: line } }] } },
    });
  });

  it("refuses a workflow whose repository nobody knows, and what is neither", async () => {
    expect(isRefused(await read(`ci=${workflow}`, {}))).toBe(true);
    expect(isRefused(await read("ci"))).toBe(true);
    expect(isRefused(await readWanted({ files: makeWorld().files }, { kind: "sigstore-root" }))).toBe(true);
  });
});

describe("flags of gate open", () => {
  it.each([
    ["of a rewrite for a policy", { kind: "policy", "min-approvals": 2, old: "a" }],
    ["a change beside the file that holds all of it", { kind: "policy", file: "policy.json", "min-approvals": 2 }],
    ["a file for a rewrite", { kind: "rewrite", old: "a", new: "b", file: "policy.json" }],
    ["people for principals", { kind: "principals", file: "principals.json", "add-approver": ["bob=bob.pub"] }],
  ])("that would be passed over are refused: %s", async (_, flags) => {
    const { files } = makeWorld();
    const answer = await readWanted({ files }, flags);
    expect(isRefused(answer) && answer.refused[0].message).toMatch(/says nothing of this proposal$/);
  });

  it("give both tips of a rewrite", async () => {
    const flags = { kind: "rewrite", old: "a", new: "b" };
    expect(await readWanted({ files: makeWorld().files }, flags)).toEqual({
      kind: "rewrite",
      wanted: { old: "a", new: "b" },
    });
  });
});
