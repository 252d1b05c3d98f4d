import { describe, expect, it } from "vitest";
import { isAskedByPerson } from "../../../../src/gate/propose/asked-by-person.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import type { Account, WorkflowRun } from "../../../../src/ports/forge.ts";
import { makeGateWorld, makeKey } from "../../../support/gate-world.ts";
import { dispatchingForge } from "../../../support/dispatching-forge.ts";

const alice: Account = { id: 7, login: "alice", kind: "user" };
const bot: Account = { id: 8, login: "github-actions[bot]", kind: "bot" };
const person = { kind: "human", name: "alice", id: "git:1", verified: false } as const;
const workflow = { kind: "workflow", name: "promote.yml", id: "github:1:run:11", verified: false } as const;
const dispatched: WorkflowRun = {
  id: 11,
  attempt: 1,
  starter: alice,
  event: "workflow_dispatch",
  path: ".github/workflows/promote.yml",
  isDefaultBranch: true,
};
const run = { run_id: 11, attempt: 1 };

function forgeOf(me: Account | null, found: WorkflowRun | null) {
  return { ...dispatchingForge(async () => undefined), me: async () => me, run: async () => found };
}

describe("a request counts as a person's", () => {
  it("where a key of policy signs it", async () => {
    const world = await makeGateWorld(["alice"]);
    const decisions = await loadDecisions(world.ground);
    const signer = world.keys["alice"]!;
    expect(await isAskedByPerson({}, decisions, { actor: person, signer, run: null })).toBe(true);
    expect(await isAskedByPerson({}, decisions, { actor: person, signer: makeKey(), run: null })).toBe(false);
    expect(await isAskedByPerson({}, decisions, { actor: workflow, signer, run: null })).toBe(false);
  });

  it.each([
    ["a person's account", person, alice, null, true],
    ["a bot's account", person, bot, null, false],
    ["a token without an account", person, null, null, false],
    ["a run that a person dispatched", workflow, bot, dispatched, true],
    ["a run of a schedule", workflow, bot, { ...dispatched, event: "schedule" }, false],
    ["a run of another branch", workflow, bot, { ...dispatched, isDefaultBranch: false }, false],
    ["a run that a bot started", workflow, bot, { ...dispatched, starter: bot }, false],
    ["a run of another workflow", workflow, bot, { ...dispatched, path: ".github/workflows/x.yml" }, false],
    ["a run that is not there", workflow, bot, null, false],
    ["a workflow with a person's token, on a schedule", workflow, alice, { ...dispatched, event: "schedule" }, false],
  ])("by the forge: %s", async (_, actor, me, found, expected) => {
    const world = await makeGateWorld(["alice"]);
    const decisions = await loadDecisions(world.ground);
    const asked = { actor, signer: null, run: found === null ? null : run };
    expect(await isAskedByPerson({ forge: forgeOf(me, found) }, decisions, asked)).toBe(expected);
  });
});
