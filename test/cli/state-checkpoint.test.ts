import { beforeEach, describe, expect, test } from "vitest";
import { approveProposal } from "../../src/gate/review/approve.ts";
import { policyKind } from "../../src/gate/decisions.ts";
import { initialise } from "../../src/gate/setup/initialise.ts";
import { mergeProposal } from "../../src/gate/review/merge.ts";
import { propose } from "../../src/gate/propose/propose.ts";
import { openSnapshot, type SnapshotGround } from "../../src/state/snapshot/open.ts";
import { vouchedFor } from "../../src/gate/upkeep/checkpoint.ts";
import { orThrow } from "../../src/kernel/errors.ts";
import { keysWith, makeKey } from "../support/gate-world.ts";
import { testAct } from "../support/git-repo.ts";
import { runCli, runJson } from "../support/run-cli.ts";
import { makeWorld, type TestWorld } from "../support/world.ts";

const attestor = makeKey();

let world: TestWorld;

beforeEach(async () => {
  const alice = makeKey();
  const made = makeWorld();
  const { ground } = made;
  await initialise(ground, testAct("init", "2026-11-19T10:00:00Z"), {
    founders: [{ person: "alice", publicKey: alice.publicKey }],
    proof: "signed",
    tenantId: "acme",
    repoId: "repo_1",
    forgeRepositoryId: null,
  });
  const opened = await propose(ground, testAct("propose", "2026-11-19T10:10:00Z"), {
    kind: policyKind,
    key: {},
    reason: "name who vouches",
    signer: alice,
    draft: async (header, _, { policy }) => ({
      ...policy.document,
      ...header,
      seen: {},
      attestors: { nightly: { key: attestor.publicKey } },
    }),
  });
  const { proposal } = orThrow(opened);
  const keys = { keys: keysWith(alice), keyFile: null };
  orThrow(await approveProposal(ground, testAct("approve", "2026-11-19T10:20:00Z"), proposal.id, keys));
  orThrow(await mergeProposal(ground, testAct("merge", "2026-11-19T10:30:00Z"), proposal.id));
  const snapshotGround: SnapshotGround = {
    ...made.snapshotGround,
    checkpoint: (view, tip) => vouchedFor(ground, view, tip),
  };
  world = {
    ...made,
    ground: { ...ground, attestor },
    snapshotGround,
    openSnapshot: () => openSnapshot(snapshotGround),
  };
});

describe("waybill state checkpoint", () => {
  test("signs what verifies, and readers say so in the place of the age of the tips", async () => {
    const asked = await runCli(["state", "verify", "--max-age=36h", "--no-color"], { world, columns: 120 });
    expect(asked.exit).toBe(1);
    expect(asked.stdout).toMatch(/checkpoint\.missing/);
    const made = await runCli(["state", "checkpoint", "--expires-in=12h", "--no-color"], { world, columns: 100 });
    expect(made).toMatchObject({ exit: 0 });
    expect(made.stdout).toMatch(
      /^Signed +state [0-9a-f]{7} \(\d+\), decisions [0-9a-f]{7} +by nightly\nExpires +2026-/,
    );
    world.clock.advance(3 * 3_600_000);
    const verified = await runCli(["state", "verify", "--max-age=36h", "--no-color"], { world, columns: 120 });
    expect(verified.stdout).toMatch(/As of .*, checkpoint 3 h old, good until 2026-11-\d\d \d\d:\d\d UTC\n/);
    expect(verified.exit).toBe(0);
    const listed = await runCli(["dist", "app", "list", "--no-color"], { world, columns: 120 });
    expect(listed.stderr).toMatch(
      /As of +state [0-9a-f]{7}, decisions [0-9a-f]{7}; checkpoint 3 h old, good until 2026-/,
    );
    world.clock.advance(10 * 3_600_000);
    const late = await runCli(["dist", "app", "list", "--no-color"], { world, columns: 120 });
    expect(late.stderr).toMatch(/As of +state [0-9a-f]{7} \(13 h old\), decisions/);
  });

  test("changes nothing with --dry-run, and refuses without a key and with a time that is none", async () => {
    expect(await runJson(["state", "checkpoint", "--dry-run"], { world })).toMatchObject({
      exit: 0,
      result: { planned: true, commit: null },
    });
    expect(await runJson(["state", "verify"], { world })).toMatchObject({ exit: 0, result: { checkpoint: null } });
    const { attestor: _, ...keyless } = world.ground;
    expect(await runJson(["state", "checkpoint"], { world: { ...world, ground: keyless } })).toMatchObject({
      exit: 2,
      error: { code: "usage.missing_argument" },
    });
    expect(await runJson(["state", "checkpoint", "--expires-in=soon"], { world })).toMatchObject({ exit: 2 });
  });
});
