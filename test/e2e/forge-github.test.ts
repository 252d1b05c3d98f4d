import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { startAcme } from "../github/acme.ts";
import { review } from "../github/people.ts";
import { describeForge, type Place, type ProposalNamed } from "../support/both-forges.ts";
import { machineOf } from "../support/sandbox.ts";

/** A repository on the stand-in for GitHub, where an approval is a review. */
async function onGithub(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "waybill-on-github-"));
  const acme = await startAcme({ clock: () => new Date() });
  const { github, repo, tokens } = acme;
  const machine = (name: string, token: string, more: Readonly<Record<string, string>> = {}) =>
    machineOf(folder, name, { ...acme.env(token), ...more });
  const people = {
    alice: machine("alice", tokens.alice),
    bob: machine("bob", tokens.bob),
    carol: machine("carol", tokens.carol),
  };
  const run = { GITHUB_ACTIONS: "true", GITHUB_RUN_ID: "4711", GITHUB_WORKFLOW: "nightly" };
  const robot = machine("robot", tokens.workflow, run);
  const { alice } = people;
  expect(await alice.json("waybill", "init", "--github", "--approver", "alice", "--apply")).toMatchObject({ ok: true });
  const joins = await alice.json(
    "waybill",
    "gate",
    "open",
    "policy",
    "--add-approver",
    "bob=@bob",
    "--reason",
    "bob joins",
  );
  const id = /prop_\w+/.exec(JSON.stringify(joins))![0];
  expect(await alice.json("waybill", "gate", "merge", id)).toMatchObject({ ok: true });
  return {
    as: (person) => people[person],
    robot,
    grade: "recorded",
    approve: async (person, proposal) => {
      await review(github, repo, numberOf(proposal), acme.people[person], { event: "APPROVE" });
    },
    address: `${github.serverUrl}/acme/notes.git`,
    close: async () => {
      await github.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function numberOf({ url }: ProposalNamed): number {
  return Number(/\/pull\/(\d+)$/.exec(url ?? "")?.[1]);
}

describeForge("on GitHub", onGithub);
