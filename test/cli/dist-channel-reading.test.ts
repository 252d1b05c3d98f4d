import { describe, expect, it } from "vitest";
import { loadSchemas } from "../../src/schema/documents.ts";
import type { Grade } from "../../src/schema/types.gen.ts";
import { DECISIONS } from "../../src/state/branches.ts";
import { openSnapshot } from "../../src/state/snapshot/open.ts";
import { commitFiles, printed } from "../support/facts.ts";
import { appWrite, readingWorld, type ReadingWorld, releaseOf, releaseWrite } from "../support/reading-world.ts";
import { runCli, runJson } from "../support/run-cli.ts";

const schemas = loadSchemas();
const screen = { columns: 120, env: { NO_COLOR: "1" } };
const list = ["dist", "channel", "list", "--app", "acme-notes"];
const STABLE = "channels/acme-notes/stable.json";

const one = releaseOf("1.3.2", { build: "398" });
const two = releaseOf("1.4.0", { build: "412" });

async function world(proof: Grade = "signed"): Promise<ReadingWorld> {
  const made = await readingWorld(proof);
  await made.write([appWrite("acme-notes"), releaseWrite(one), releaseWrite(two)]);
  await made.place("internal", two);
  await made.merge(await made.propose("stable", one));
  return made;
}

describe("dist channel list", () => {
  it("shows what each channel gives out, by which rules, and what waits", async () => {
    const made = await world();
    const id = await made.propose("stable", two);
    const run = await runCli(list, { world: made, ...screen });
    expect(run.stdout.replaceAll(id, "prop_x")).toMatchInlineSnapshot(`
      "CHANNEL   MODE   RELEASE      REACH  SINCE     GRADE                  RULES           OPEN                   APPROVED BY
      internal  auto   1.4.0 (412)  100 %  21 h ago  -                      off             -                      -
      stable    gated  1.3.2 (398)  100 %  just now  signed, self-approved  strict, 1 of 1  prop_x red  alice
      "
    `);
    expect(run.stderr).toMatch(/^As of +state [0-9a-f]{7} \(just now\), decisions [0-9a-f]{7} \(just now\)$/m);
    const { result } = await runJson(list, { world: made });
    const { channels } = schemas.check("dist-channel-list-result.v1", result, "result");
    expect(channels[1]).toMatchObject({
      name: "stable",
      mode: "gated",
      version: "1.3.2",
      grade: "signed",
      self_approved: true,
      approvers: ["alice"],
      proposals: [{ id, number: null, url: null, verdict: "red" }],
      problem: null,
    });
  });

  it("lists a channel that only a proposal would give its first release", async () => {
    const made = await world();
    const id = await made.propose("beta", two);
    const { result } = await runJson(list, { world: made });
    const { channels } = schemas.check("dist-channel-list-result.v1", result, "result");
    expect(channels.map(({ name, version, proposals }) => [name, version, proposals.map((open) => open.id)])).toEqual([
      ["beta", null, [id]],
      ["internal", "1.4.0", []],
      ["stable", "1.3.2", []],
    ]);
  });

  it("reads no document, schema or decision where nothing waits and the snapshot is warm", async () => {
    const made = await world();
    await runCli(list, { world: made });
    const fail = (): never => {
      throw new Error("this is not read");
    };
    const store = { ...made.store, read: fail, commit: fail, log: fail, blobs: fail, diff: fail };
    const on = { ...made.ground, store, sql: made.sql, version: "test", schemas: fail, decisions: fail };
    const blind = { ...made, store, openGround: fail, openSnapshot: () => openSnapshot(on) };
    const run = await runCli(list, { world: blind });
    expect([run.exit, run.stdout.split("\n").length]).toEqual([0, 3]);
  });

  it("refuses on its row a release that is not the one that was decided on", async () => {
    const made = await world();
    const changed = printed({ ...one, notes: "rewritten after the approval" });
    const path = "dist/apps/acme-notes/releases/1.3/1.3.2+398.json";
    await commitFiles(made.store, { [path]: changed });
    const run = await runCli(list, { world: made, ...screen });
    expect(run.stderr).toContain("warning[release.digest_mismatch] acme-notes@1.3.2+398 is not the release");
    expect(run.stdout).toContain("stable    gated  release.digest_mismatch");
    const show = await runJson(["dist", "channel", "show", "stable", "--app", "acme-notes"], { world: made });
    expect([show.exit, show.error?.code, show.result]).toEqual([1, "release.digest_mismatch", undefined]);
    const releases = await runJson(["dist", "release", "list"], { world: made });
    expect(releases.result?.["releases"]).toMatchObject([{ on: ["internal"] }, { on: [] }]);
  });

  it("says first that something lies on decisions that moved nothing", async () => {
    const made = await world();
    await commitFiles(made.store, { [STABLE]: "{}" }, DECISIONS);
    for (const argv of [list, ["dist", "release", "list"], ["dist", "app", "show", "acme-notes"]]) {
      const run = await runCli(argv, { world: made, ...screen });
      expect(run.stderr).toMatch(
        /^warning\[gate\.decision\.dishonoured\] The commit [0-9a-f]{7} did not change channels/,
      );
      expect(run.stdout).toContain("1.3.2");
    }
  });

  it("says first that a merge without approvals moved nothing, and that one without its proof waits", async () => {
    for (const [proof, warning] of [
      ["signed", "warning[gate.decision.dishonoured] The commit "],
      ["recorded", "warning[gate.decision.pending] prop_"],
    ] as const) {
      const made = await world(proof);
      await made.mergeAnyway(await made.propose("stable", two), STABLE);
      const run = await runCli(list, { world: made, ...screen });
      expect(run.stderr.startsWith(warning)).toBe(true);
      expect(run.stdout).toContain("stable    gated  1.3.2 (398)");
    }
  });

  it("says that there is nothing, and what to do, with exit 0", async () => {
    const made = await readingWorld();
    await made.write([appWrite("acme-notes")]);
    const run = await runCli(list, { world: made, ...screen });
    expect([run.exit, run.stdout]).toEqual([0, ""]);
    expect(run.stderr).toContain("No channels of acme-notes yet\n");
  });
});

describe("dist channel show", () => {
  const show = (name: string) => ["dist", "channel", "show", name, "--app", "acme-notes"];

  it("shows rules, hold and the decisions of a gated channel, newest first", async () => {
    const made = await world();
    await made.merge(await made.propose("stable", two));
    const hold = {
      schema: "channel-hold.v1",
      app: "acme-notes",
      channel: "stable",
      reason: "crash reports",
      held_by: { kind: "human", name: "bob", id: "git:bob", verified: false },
      held_at: "2026-11-19T11:00:00Z",
    } as const;
    await made.write([{ name: "channel-hold.v1", key: { app: "acme-notes", channel: "stable" }, document: hold }]);
    const run = await runCli(show("stable"), { world: made, ...screen });
    expect(
      run.stdout.replaceAll(/prop_[0-9a-z]+/g, "prop_x").replaceAll(/SHA256:[A-Za-z0-9+/]{43}/g, "SHA256:key"),
    ).toMatchInlineSnapshot(`
      "Channel   acme-notes/stable   gated   1.4.0 (412)   since just now (2026-11-19 11:40 UTC)
      Reach     100 % of clients
      Grade     signed, self-approved
      Approved  alice   signed with SHA256:key
      Rules     strict, 1 of 1, held   approvers alice
      Held      by hand of bob, 40 min ago (2026-11-19 11:00 UTC)   crash reports
      RELEASE      KIND       SINCE     GRADE                  ASKED BY  REASON          PROPOSAL           APPROVED BY
      1.4.0 (412)  promotion  just now  signed, self-approved  alice     test plan done  prop_x  alice
      1.3.2 (398)  promotion  just now  signed, self-approved  alice     test plan done  prop_x  alice
      "
    `);
    const { result } = await runJson(show("stable"), { world: made });
    const { channel, history } = schemas.check("dist-channel-show-result.v1", result, "result");
    expect(history.map(({ version }) => version)).toEqual(["1.4.0", "1.3.2"]);
    expect(channel.hold).toEqual({ kind: "fact", reason: "crash reports", by: "bob", since: "2026-11-19T11:00:00Z" });
  });

  it("shows the moves of an auto channel, and a hold that its rollback implies", async () => {
    const made = await world();
    made.clock.advance(60_000);
    await made.place("internal", one, { kind: "rollback", reason: "it crashes", requested_at: "2026-11-19T11:41:00Z" });
    const { result } = await runJson(show("internal"), { world: made });
    const { channel, history } = schemas.check("dist-channel-show-result.v1", result, "result");
    expect(history.map(({ version, kind, reason }) => [version, kind, reason])).toEqual([
      ["1.3.2", "rollback", "it crashes"],
      ["1.4.0", "promotion", ""],
    ]);
    expect(channel.hold).toMatchObject({ kind: "rollback", by: "alice" });
  });

  it("shows the rules of a channel that policy names, and that has no release yet", async () => {
    const run = await runCli(show("nightly"), { world: await world(), ...screen });
    expect(run.stdout).toContain("Channel   acme-notes/nightly   auto   no release yet\nRules     off\n");
  });

  it("does not know a channel that nothing names", async () => {
    const { exit, error } = await runJson(show("stabel"), { world: await world() });
    expect([exit, error?.code, error?.hints]).toEqual([2, "channel.not_found", ["Did you mean stable?"]]);
  });
});
