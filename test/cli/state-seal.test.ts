import { beforeEach, expect, test } from "vitest";
import { approveProposal } from "../../src/gate/review/approve.ts";
import { policyKind } from "../../src/gate/decisions.ts";
import { initialise } from "../../src/gate/setup/initialise.ts";
import { mergeProposal } from "../../src/gate/review/merge.ts";
import { propose } from "../../src/gate/propose/propose.ts";
import { recordEvent } from "../../src/gate/propose/record-event.ts";
import { orThrow } from "../../src/kernel/errors.ts";
import { isData } from "../../src/kernel/json.ts";
import { STATE } from "../../src/state/branches.ts";
import { testAct } from "../support/git-repo.ts";
import { keysWith, makeKey } from "../support/gate-world.ts";
import { runCli, runJson } from "../support/run-cli.ts";
import { makeWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;

/** Events from the 15th to the 18th, and a decision of the 17th that has seen the days before. */
beforeEach(async () => {
  world = makeWorld();
  const key = makeKey();
  const at = (day: number, name: string) => testAct(`${name}-${day}`, `2026-11-${day}T10:00:00Z`);
  await initialise(world.ground, at(15, "init"), {
    founders: [{ person: "alice", publicKey: key.publicKey }],
    proof: "signed",
    tenantId: "acme",
    repoId: "repo_1",
    forgeRepositoryId: null,
  });
  const happen = (day: number, name: string) =>
    recordEvent(world.ground, at(day, name), { action: "app.updated", target: ["app", name], metadata: {} });
  for (const name of ["a", "b", "c"]) await happen(16, name);
  await happen(17, "d");
  const { proposal } = orThrow(
    await propose(world.ground, at(17, "propose"), {
      kind: policyKind,
      key: {},
      reason: "say so",
      signer: key,
      draft: (header, _, { policy }) => Promise.resolve({ ...policy.document, ...header, groups: {}, seen: {} }),
    }),
  );
  orThrow(await approveProposal(world.ground, at(17, "approve"), proposal.id, { keys: keysWith(key), keyFile: null }));
  orThrow(await mergeProposal(world.ground, at(17, "merge"), proposal.id));
  await happen(18, "e");
});

test("a dry run shows what would be saved and changes nothing; the run shows the same and does it, once", async () => {
  const before = await world.store.head(STATE);
  const planned = await runJson(["state", "seal", "--dry-run"], { world });
  expect(planned).toMatchObject({ exit: 0, result: { planned: true, commits: [], before: "2026-11-17" } });
  expect(await world.store.head(STATE)).toBe(before);
  const { stdout, exit } = await runCli(["state", "seal", "--no-color"], { world, columns: 100 });
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^Sealed +2 days: 4 files become 2 {3}[\d.]+ kB become [\d.]+ kB {3}commit [0-9a-f]{7}\n/);
  expect(stdout).toMatch(/\nAnchor +prop_\w+ has seen [0-9a-f]{7} of 2026-11-17\n/);
  expect(stdout).toMatch(/\n2026-11-16 +3 +1 +[\d.]+ k?B +[\d.]+ k?B\n/);
  const again = await runJson(["state", "seal"], { world });
  expect(again).toMatchObject({ exit: 0, result: { sealed: [], waiting: [] } });
});

test("lists, statistics and verify do not care where an event lies", async () => {
  const listed = async () => {
    const { result } = await runJson(["dist", "audit", "--action", "app.updated"], { world });
    return isData(result) ? result["events"] : null;
  };
  const events = await listed();
  expect(events).toHaveLength(5);
  expect(await runJson(["state", "stats"], { world })).toMatchObject({
    result: { sealing: { segments: 0, documents: 0, sealable_files: 8, sealable_days: 3 } },
  });
  await runCli(["state", "seal"], { world });
  expect(await listed()).toEqual(events);
  expect(await runJson(["state", "stats"], { world })).toMatchObject({
    result: { sealing: { segments: 2, documents: 4 } },
  });
  expect(await runJson(["snapshot", "build"], { world })).toMatchObject({ result: { problems: 0 } });
  expect(await listed()).toEqual(events);
  expect(await runJson(["state", "verify"], { world })).toMatchObject({ exit: 0, result: { status: "verified" } });
});
