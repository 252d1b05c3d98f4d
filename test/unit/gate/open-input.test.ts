import { describe, expect, it } from "vitest";
import { readWanted } from "../../../src/gate/open-input.ts";
import { isRefused, orThrow } from "../../../src/kernel/errors.ts";
import type { Account } from "../../../src/ports/forge.ts";
import { makeWorld } from "../../support/world.ts";

const accounts: Readonly<Record<string, Account>> = {
  bob: { id: 7, login: "Bob", kind: "user" },
  "ci[bot]": { id: 8, login: "ci[bot]", kind: "bot" },
};
const forge = { name: "acme/notes", account: async (login: string) => accounts[login] ?? null };

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

  it("refuses logins where there is no forge to look them up", async () => {
    const { files } = makeWorld();
    expect(isRefused(await readWanted({ files }, { kind: "policy", "add-approver": ["bob=@bob"] }))).toBe(true);
  });
});
