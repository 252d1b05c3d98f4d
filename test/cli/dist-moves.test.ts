import { describe, expect, it } from "vitest";
import { publishWorld, type PublishWorld } from "../support/publish-world.ts";
import { runCli, runJson } from "../support/run-cli.ts";

const APP = "acme-notes";

async function released(...versions: readonly string[]): Promise<PublishWorld> {
  const world = await publishWorld();
  for (const version of versions) {
    world.clock.advance(60_000);
    await world.release(version, { build: `${Number(version.split(".")[1]) + 400}` });
  }
  return world;
}

function shown(world: PublishWorld, ...argv: readonly string[]) {
  return runCli(argv, { world, columns: 120, env: { LANG: "C.UTF-8", NO_COLOR: "1" } });
}

describe("dist release promote", () => {
  it("says what moved, or what it waits for and who must act", async () => {
    const world = await released("1.0.0");
    const auto = await shown(world, "dist", "release", "promote", `${APP}@1.0.0`, "--channel", "internal");
    expect(auto.exit).toBe(0);
    expect(auto.stdout).toMatch(
      /^Promoted {2}acme-notes\/internal {3}\(new\) → 1\.0\.0 \(400\) {3}moved in [0-9a-f]{7}\n$/,
    );
    const gated = await shown(world, "dist", "release", "promote", `${APP}@1.0.0`, "--channel", "stable");
    expect(gated.exit).toBe(3);
    const id = /prop_[a-z0-9]{12}/.exec(gated.stdout)?.[0] ?? "";
    expect(gated.stdout.replaceAll(id, "PROP")).toMatchInlineSnapshot(`
      "Proposed  acme-notes/stable   (new) → 1.0.0 (400)   PROP
                stable is gated and has not moved; it moves when PROP is merged
      Verdict   red, waits: approvals 0 of 1. May approve: alice
      "
    `);
    expect(gated.stderr.replaceAll(id, "PROP")).toBe(
      "Next      waybill gate approve PROP\n          waybill gate merge PROP\n",
    );
    const again = await runJson(["dist", "release", "promote", `${APP}@1.0.0`, "--channel", "stable"], { world });
    expect(again).toMatchObject({
      exit: 3,
      ok: false,
      result: { status: "waiting", proposal: { id } },
      error: { code: "gate.merge.waiting", data: { proposal_id: id } },
    });
    await world.merge(id);
    const done = await shown(world, "dist", "release", "promote", `${APP}@1.0.0`, "--channel", "stable");
    expect([done.exit, done.stdout]).toEqual([0, "Unchanged acme-notes/stable   1.0.0 (400)   is there already\n"]);
  });

  it("plans in a dry run and writes nothing", async () => {
    const world = await released("1.0.0");
    const before = await world.commits();
    const args = ["dist", "release", "promote", `${APP}@1.0.0`, "--channel", "internal", "--dry-run"];
    expect(await runJson(args, { world })).toMatchObject({ exit: 0, result: { planned: true, commit: null } });
    expect(await world.commits()).toBe(before);
  });
});

describe("dist release rollback", () => {
  it("previews what clients do, then moves back", async () => {
    const world = await released("1.0.0", "1.1.0");
    for (const version of ["1.0.0", "1.1.0"]) {
      world.clock.advance(1000);
      await shown(world, "dist", "release", "promote", `${APP}@${version}`, "--channel", "internal");
    }
    const where = ["--app", APP, "--channel", "internal"];
    const preview = await shown(world, "dist", "release", "rollback", ...where, "--preview");
    expect(preview.exit).toBe(0);
    expect(preview.stdout).toMatchInlineSnapshot(`
      "Preview   acme-notes/internal   1.1.0 (401) → 1.0.0 (400), its release of 2026-11-19   nothing is written
      PLATFORM  FEED  NEW CLIENTS GET  CLIENTS ALREADY ON 1.1.0  TO MOVE THOSE
      linux     page  1.0.0 (400)      stay until told           replace it by 1.0.0
      Note      how many clients have it is not known; automation will be held until a person promotes
      "
    `);
    const missing = await runJson(["dist", "release", "rollback", ...where], { world });
    expect(missing).toMatchObject({ exit: 2, error: { code: "usage.missing_argument" } });
    const done = await runJson(["dist", "release", "rollback", ...where, "--reason", "it crashes"], { world });
    expect(done).toMatchObject({ exit: 0, result: { status: "rolled_back", to: { version: "1.0.0" } } });
    const further = await runJson(["dist", "release", "rollback", ...where, "--reason", "also bad"], { world });
    expect(further).toMatchObject({ exit: 1, error: { code: "rollback.no_previous" } });
  });
});

describe("dist channel hold, unhold and set", () => {
  it("holds, lets go, and proposes a rule", async () => {
    const world = await released("1.0.0");
    const where = ["internal", "--app", APP];
    const held = await shown(world, "dist", "channel", "hold", ...where, "--reason", "incident 12");
    expect(held.stdout).toBe("Held      acme-notes/internal   incident 12   automation stops, a person may promote\n");
    const open = await shown(world, "dist", "channel", "unhold", ...where);
    expect(open.stdout).toBe("Let go    acme-notes/internal   automation may promote again\n");
    const set = await runJson(
      ["dist", "channel", "set", "beta", "--app", APP, "--mode", "auto", "--soak", "internal=60", "--reason", "faster"],
      { world },
    );
    expect(set).toMatchObject({
      exit: 3,
      result: { status: "proposed", rule: { mode: "auto", soak: { source: "internal", minutes: 60 } } },
    });
    const wrong = await runJson(["dist", "channel", "set", "beta", "--app", APP, "--mode", "open", "--reason", "x"], {
      world,
    });
    expect(wrong).toMatchObject({ exit: 2, error: { code: "usage.invalid_argument" } });
  });
});

describe("dist release yank and abandon", () => {
  it("proposes to withdraw, and refuses to abandon what is published", async () => {
    const world = await released("1.0.0");
    const yank = await runJson(
      ["dist", "release", "yank", `${APP}@1.0.0`, "--reason", "loses notes", "--severity", "critical"],
      { world },
    );
    expect(yank).toMatchObject({ exit: 3, result: { severity: "critical", status: "proposed" } });
    const severe = await runJson(["dist", "release", "yank", `${APP}@1.0.0`, "--reason", "x", "--severity", "huge"], {
      world,
    });
    expect(severe).toMatchObject({ exit: 2, error: { code: "usage.invalid_argument" } });
    const abandon = await runJson(["dist", "release", "abandon", `${APP}@1.0.0`, "--yes"], { world });
    expect(abandon).toMatchObject({ exit: 1, error: { code: "dist.release.already_published" } });
  });
});
