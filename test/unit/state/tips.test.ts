import { describe, expect, it } from "vitest";
import { type Act, actOf, operationId } from "../../../src/kernel/act.ts";
import type { Oid } from "../../../src/kernel/oid.ts";
import { gitObject } from "../../../src/platform/git/objects.ts";
import { createMemoryGitStore, createMemoryRepository } from "../../../src/platform/memory/git-store.ts";
import { STATE } from "../../../src/state/branches.ts";
import { checkTip } from "../../../src/state/tips.ts";
import { memoryFolder } from "../../support/memory-folder.ts";

function makeBranch() {
  const repository = createMemoryRepository();
  const memory = { store: createMemoryGitStore({ repository }), cache: memoryFolder() };
  let n = 0;
  const act = (): Act => {
    n += 1;
    return actOf({
      operation: operationId(0, String(n)),
      at: "2026-01-01T00:00:00Z",
      actor: { kind: "tool", name: "test", id: "test", verified: false },
      requestId: "req",
      command: "test",
    });
  };
  const commit = async (text: string): Promise<Oid> => {
    const change = { act: act(), reads: new Map(), writes: new Map([["a.json", Buffer.from(text)]]), message: text };
    const applied = await memory.store.apply(STATE, change, new Date("2100-01-01"));
    if (!("commit" in applied)) throw new Error("it moved");
    return applied.commit;
  };
  return { ...memory, repository, commit };
}

describe("a remembered tip", () => {
  it("moves forward with the branch", async () => {
    const branch = makeBranch();
    expect(await checkTip(branch, STATE)).toBeNull();
    for (const text of ["one", "two", "three"]) {
      const commit = await branch.commit(text);
      expect(await checkTip(branch, STATE)).toBe(commit);
    }
    await branch.commit("four");
    const five = await branch.commit("five");
    expect(await checkTip(branch, STATE)).toBe(five);
  });

  it.each([1, 100])("finds a branch that went back by %s, with both commits", async (steps) => {
    const branch = makeBranch();
    const commits: Oid[] = [];
    for (let i = 0; i <= steps; i += 1) commits.push(await branch.commit(String(i)));
    await checkTip(branch, STATE);
    branch.repository.branches.set(STATE, commits[0]!);
    await expect(checkTip(branch, STATE)).rejects.toMatchObject({
      code: "state.ref.rewound",
      data: { remembered: { commit: commits.at(-1), seq: steps + 1 }, found: { commit: commits[0], seq: 1 } },
    });
    await expect(checkTip({ ...branch, cache: memoryFolder() }, STATE)).resolves.toBe(commits[0]);
  });

  it("asks the remote before it alarms: another clone of this user may have seen more", async () => {
    const branch = makeBranch();
    const old = await branch.commit("one");
    const tip = await branch.commit("two");
    await checkTip(branch, STATE);
    const behind = (answer: Oid | null) => ({
      ...branch,
      store: { ...branch.store, head: async (_: string, how?: { fresh: boolean }) => (how?.fresh ? answer : old) },
    });
    expect(await checkTip(behind(tip), STATE)).toBe(tip);
    await expect(checkTip(behind(old), STATE)).rejects.toMatchObject({ code: "state.ref.rewound" });
    await expect(checkTip(behind(null), STATE)).rejects.toMatchObject({ data: { found: null } });
  });

  it("finds a branch that went back and then on along another way", async () => {
    const branch = makeBranch();
    const root = await branch.commit("root");
    await branch.commit("honest");
    await checkTip(branch, STATE);
    branch.repository.branches.set(STATE, root);
    for (const text of ["forged", "forged again", "and again"]) await branch.commit(text);
    await expect(checkTip(branch, STATE)).rejects.toMatchObject({ code: "state.ref.rewound" });
  });

  it.each(["no count", "1", "999999999999999"])(
    "goes on where somebody pushed a commit on top that counts %s",
    async (seq) => {
      const branch = makeBranch();
      for (const text of ["one", "two", "three"]) await branch.commit(text);
      await checkTip(branch, STATE);
      const parent = (await branch.store.head(STATE))!;
      const { tree } = await branch.store.commit(parent);
      const trailer = seq === "no count" ? "" : `\n\nWaybill-Seq: ${seq}`;
      const who = "x <y> 1 +0000";
      const content = Buffer.from(`tree ${tree}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\n\nx${trailer}\n`);
      const { oid } = gitObject("sha1", "commit", content);
      branch.repository.objects.set(oid, { kind: "commit", content });
      branch.repository.branches.set(STATE, oid);
      await expect(checkTip(branch, STATE)).resolves.toBe(oid);
      const next = await branch.commit("four");
      await expect(checkTip(branch, STATE)).resolves.toBe(next);
    },
  );

  it("finds a branch that was deleted, and does not stumble over a damaged memory", async () => {
    const branch = makeBranch();
    const root = await branch.commit("root");
    await checkTip(branch, STATE);
    branch.repository.branches.delete(STATE);
    await expect(checkTip(branch, STATE)).rejects.toMatchObject({ code: "state.ref.rewound", data: { found: null } });
    branch.repository.branches.set(STATE, root);
    branch.cache.files.set("tip-waybill-state.json", Buffer.from("{"));
    await expect(checkTip(branch, STATE)).resolves.toBe(root);
  });
});
