import { describe, expect, it } from "vitest";
import { tombstoneKey } from "../../src/distribution/documents.ts";
import { loadSchemas } from "../../src/schema/documents.ts";
import type { ReleaseV1 } from "../../src/schema/types.gen.ts";
import type { Write } from "../../src/state/plan.ts";
import {
  appWrite,
  readingWorld,
  type ReadingWorld,
  recordWrite,
  releaseOf,
  releaseWrite,
} from "../support/reading-world.ts";
import { runCli, runJson } from "../support/run-cli.ts";

const schemas = loadSchemas();
const screen = { columns: 100, env: { NO_COLOR: "1" } };

const files = [
  { platform: "android_apk", filename: "acme-notes.apk" },
  { platform: "ios", filename: "AcmeNotes.ipa", validation_status: "warning" },
] as const;
const old = releaseOf("1.9.0", { build: "398" });
const yanked = releaseOf("1.10.0", { build: "405" });
const newest = releaseOf(
  "1.10.0",
  {
    build: "412",
    published_at: "2026-11-18T14:02:00Z",
    notes: "Offline search\nFaster sync",
    source: { repository: "acme/notes", commit: "e04b7c8".padEnd(40, "0"), run_url: null },
  },
  files,
);
const draft = releaseOf("1.11.0-rc.1", { status: "draft" }, [{ validation_status: "pending" }]);

async function world(): Promise<ReadingWorld> {
  const made = await readingWorld();
  await made.write([appWrite("acme-notes"), ...[old, yanked, newest, draft].map(releaseWrite)]);
  await made.write([
    recordWrite(newest.artifacts[0]!, {
      kind: "apk",
      facts: {
        identity: "com.acme.notes",
        version: "1.10.0",
        build: "412",
        minimum_os: "API 26",
        signature: { grade: "signature_verified" },
      },
    }),
    recordWrite(newest.artifacts[1]!, {
      kind: "ipa",
      checks: [{ id: "ipa.profile", status: "warning", message: "profile expires 2026-12-15", detail: {} }],
    }),
  ]);
  await made.place("internal", newest);
  await made.merge(await made.propose("stable", old));
  await made.yank(yanked, "notes can be lost while syncing");
  return made;
}

function tombstoneWrite({ id, version, build }: ReleaseV1): Write {
  const document = {
    schema: "release-tombstone.v1",
    release_id: id,
    app_id: "acme-notes",
    version,
    build,
    removed: [],
    retired_by: { kind: "tool", name: "waybill", id: "waybill", verified: true },
    retired_at: "2026-11-19T11:00:00Z",
  } as const;
  return { name: "release-tombstone.v1", key: tombstoneKey("acme-notes", id), document };
}

const list = ["dist", "release", "list", "--app", "acme-notes"];

describe("dist release list", () => {
  it("shows releases newest version first, with the channels that they are on", async () => {
    const run = await runCli(list, { world: await world(), ...screen });
    expect(run.exit).toBe(0);
    expect(run.stdout).toMatchInlineSnapshot(`
      "RELEASE       STATUS     ON        ARTIFACTS  VALIDATION           PUBLISHED
      1.11.0-rc.1   draft      -         1          1 pending            -
      1.10.0 (412)  published  internal  2          1 passed, 1 warning  21 h ago
      1.10.0 (405)  yanked     -         1          1 passed             2026-10-27
      1.9.0 (398)   published  stable    1          1 passed             2026-10-27
      "
    `);
    expect(run.stderr).toMatch(/^As of {5}state [0-9a-f]{7} \(just now\), decisions [0-9a-f]{7} \(just now\)\n$/);
  });

  it("answers the same as a document", async () => {
    const { result } = await runJson(list, { world: await world() });
    const { releases } = schemas.check("dist-release-list-result.v1", result, "result");
    expect(releases.map(({ version, build, on }) => [version, build, on])).toEqual([
      ["1.11.0-rc.1", null, []],
      ["1.10.0", "412", ["internal"]],
      ["1.10.0", "405", []],
      ["1.9.0", "398", ["stable"]],
    ]);
  });

  it("gives a pipe what commands take", async () => {
    const run = await runCli([...list, "--channel", "stable"], { world: await world() });
    expect(run.stdout).toBe("acme-notes@1.9.0+398\tpublished\tstable\t1\t1 passed\t2026-10-27T10:00:00Z\n");
  });

  it("calls a release retired whose files retention removed", async () => {
    const made = await world();
    await made.write([tombstoneWrite(newest)]);
    const { result } = await runJson([...list, "--status", "retired"], { world: made });
    expect(result?.["releases"]).toMatchObject([{ id: newest.id, status: "retired" }]);
  });

  it("does not call a release retired that a gated channel is on, whatever a fact says", async () => {
    const made = await world();
    await made.write([tombstoneWrite(old)]);
    const { result, warnings } = await runJson([...list, "--status", "retired"], { world: made });
    expect(result?.["releases"]).toEqual([]);
    expect(warnings).toMatchObject([{ code: "release.retired", data: { release_id: old.id } }]);
  });

  it("takes a filter on the status that readers see", async () => {
    const { result } = await runJson([...list, "--status", "yanked"], { world: await world() });
    expect(result?.["releases"]).toMatchObject([{ version: "1.10.0", build: "405", status: "yanked" }]);
  });

  it("goes from page to page and shows each release once", async () => {
    const made = await readingWorld();
    const versions = Array.from({ length: 23 }, (_, i) => `1.${i % 7}.${i}`);
    await made.write([
      appWrite("acme-notes"),
      appWrite("zebra"),
      ...versions.map((version) => releaseWrite(releaseOf(version))),
      ...versions.slice(0, 9).map((version) => releaseWrite(releaseOf(version, { app_id: "zebra" }))),
    ]);
    for (const filter of [[], ["--app", "acme-notes"]]) {
      const read = async (...more: readonly string[]) => {
        const { result } = await runJson(["dist", "release", "list", ...filter, ...more], { world: made });
        return schemas.check("dist-release-list-result.v1", result, "result");
      };
      const all = await read();
      const pages = [];
      let page = await read("--limit", "5");
      for (; page.next_cursor !== null; page = await read("--limit", "5", "--after", page.next_cursor)) {
        expect(page.releases.length).toBe(5);
        pages.push(...page.releases);
      }
      expect([...pages, ...page.releases]).toEqual(all.releases);
    }
    const cut = await runCli(["dist", "release", "list", "--limit", "5"], { world: made, ...screen });
    expect(cut.stderr).toMatch(/^Next +the same with --after \S+$/m);
  });

  it("says that there is nothing, and what to do, with exit 0", async () => {
    const made = await readingWorld();
    await made.write([appWrite("acme-notes")]);
    const run = await runCli(list, { world: made, ...screen });
    expect([run.exit, run.stdout]).toEqual([0, ""]);
    expect(run.stderr).toContain("No releases of acme-notes yet\n");
    expect(run.stderr).toContain("Next      dist manifest init <file...>\n");
  });

  it.each([
    [["--app", "acme-nots"], "app.not_found", "Did you mean acme-notes?"],
    [["--channel", "stabel"], "channel.not_found", "Did you mean stable?"],
    [["--status", "yankd"], "usage.invalid_argument", "Did you mean yanked?"],
    [["--limit", "0"], "usage.invalid_argument", "Take fewer rows"],
    [["--after", "WyIxIiwiMiIsIjMiXQ"], "usage.invalid_argument", "Leave --after out"],
  ])("refuses %j with %s", async (more, code, hint) => {
    const { error, exit } = await runJson(["dist", "release", "list", ...more], { world: await world() });
    expect([exit, error?.code]).toEqual([2, code]);
    expect(error?.hints[0]).toContain(hint);
  });
});

describe("dist release show", () => {
  const show = ["dist", "release", "show"];

  it("shows where a release is and what its bytes say", async () => {
    const made = await world();
    const id = await made.propose("stable", newest);
    const run = await runCli([...show, "acme-notes@1.10.0+412"], { world: made, columns: 160, env: { NO_COLOR: "1" } });
    expect(run.stdout.replaceAll(id, "prop_x")).toMatchInlineSnapshot(`
      "Release   acme-notes 1.10.0 (412)   published 21 h ago (2026-11-18 14:02 UTC) by publish.yml from e04b7c8   rel_b834c0fac3aa
      On        internal since 2026-11-18 14:02 UTC · proposed for stable (prop_x red)
      Notes     Offline search
                Faster sync
      PLATFORM     VARIANT  FILE               SIZE  SHA-256        VALIDATION                           SIGNATURE           IDENTITY
      android_apk  -        acme-notes.apk  18.0 MB  3515447d5762…  passed                               signature_verified  com.acme.notes 1.10.0 (412), API 26
      ios          -        AcmeNotes.ipa   18.0 MB  ce07d560283c…  warning: profile expires 2026-12-15  -                   -
      "
    `);
    expect(run.stderr).toContain(`Next      waybill gate show ${id}\n`);
    const { result } = await runJson([...show, newest.id], { world: made });
    const shown = schemas.check("dist-release-show-result.v1", result, "result");
    expect(shown).toMatchObject({ status: "published", proposed: [{ id, channel: "stable" }] });
  });

  it("shows the grade of a gated channel, and that its requester approved it", async () => {
    const run = await runCli([...show, "1.9.0", "--app", "acme-notes"], { world: await world(), ...screen });
    expect(run.stdout).toContain("stable since 2026-11-19 11:40 UTC (signed, self-approved, approved by alice)");
  });

  it("says first that a release is withdrawn, and why", async () => {
    const run = await runCli([...show, "acme-notes@1.10.0+405"], { world: await world(), ...screen });
    expect(run.stdout).toContain("Withdrawn notes can be lost while syncing   high   2026-11-19 11:40 UTC");
  });

  it("refuses a release whose document is not the one that a channel was pointed at", async () => {
    const made = await world();
    const draftOn = releaseOf("1.11.0-rc.1", { status: "draft", notes: "changed" }, [{ validation_status: "pending" }]);
    await made.place("nightly", draft);
    await made.write([releaseWrite(draftOn)]);
    const { exit, error, result } = await runJson([...show, "acme-notes@1.11.0-rc.1"], { world: made });
    expect([exit, result, error?.code]).toEqual([1, undefined, "release.digest_mismatch"]);
    expect(error?.data["expected"]).not.toBe(error?.data["found"]);
  });

  it.each([
    ["acme-notes@1.9.1", "release.not_found", "Did you mean acme-notes@1.9.0?"],
    ["acme-notes@7", "release.not_found", "The newest is acme-notes@1.11.0-rc.1"],
    ["acme-notes@1.10.0", "usage.invalid_argument", "Say which: acme-notes@1.10.0+412 acme-notes@1.10.0+405"],
    ["acme-nots@1.9.0", "app.not_found", "Did you mean acme-notes?"],
    ["1.9.0", "usage.invalid_argument", "Write <app>@1.9.0"],
    ["rel_nothing", "release.not_found", "dist release list"],
  ])("does not know %s: %s", async (text, code, hint) => {
    const { exit, error } = await runJson([...show, text], { world: await world() });
    expect([exit, error?.code, error?.hints]).toEqual([2, code, [hint]]);
  });
});
