import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadSchemas } from "../../src/schema/documents.ts";
import type { DocumentName, Documents, TokenV1 } from "../../src/schema/types.gen.ts";
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
const screen = { columns: 140, env: { NO_COLOR: "1" } };

async function resultOf<N extends DocumentName>(
  made: ReadingWorld,
  name: N,
  ...argv: readonly string[]
): Promise<Documents[N]> {
  const { result, error } = await runJson(argv, { world: made });
  expect(error).toBeUndefined();
  return schemas.check(name, result, name);
}

const one = releaseOf("1.0.0", {}, [
  { platform: "windows", filename: "Setup.exe" },
  { platform: "linux", variant: "x64", filename: "acme.deb" },
]);
const two = releaseOf("1.1.0", { build: "7" }, [{ platform: "linux", variant: "x64", filename: "acme.deb" }]);
const foreign = releaseOf("3.0.0", { app_id: "zebra" });

async function world(): Promise<ReadingWorld> {
  const made = await readingWorld();
  await made.write([
    appWrite("acme-notes", { platforms: ["linux", "windows"], bundle_ids: { linux: "acme-notes" } }),
    appWrite("zebra", { display_name: "Zebra", visibility: "public" }),
    ...[one, two, foreign].map(releaseWrite),
    ...[...one.artifacts, ...two.artifacts, ...foreign.artifacts].map((row) => recordWrite(row)),
  ]);
  await made.place("internal", two);
  return made;
}

describe("dist app", () => {
  it("lists apps with their newest published version", async () => {
    const run = await runCli(["dist", "app", "list"], { world: await world(), ...screen });
    expect(run.stdout).toMatchInlineSnapshot(`
      "APP         NAME        VISIBILITY  PLATFORMS       RELEASES  NEWEST     UPDATED
      acme-notes  Acme Notes  private     linux, windows         2  1.1.0 (7)  2026-10-01
      zebra       Zebra       public      all                    1  3.0.0      2026-10-01
      "
    `);
    const { apps } = await resultOf(await world(), "dist-app-list-result.v1", "dist", "app", "list");
    expect(apps.map(({ slug, releases, newest }) => [slug, releases, newest])).toEqual([
      ["acme-notes", 2, "1.1.0 (7)"],
      ["zebra", 1, "3.0.0"],
    ]);
  });

  it("shows an app with its channels, and knows the nearest to a wrong name", async () => {
    const made = await world();
    const run = await runCli(["dist", "app", "show", "acme-notes"], { world: made, ...screen });
    expect(run.stdout).toMatchInlineSnapshot(`
      "App       acme-notes   Acme Notes   private
      Owner     alice
      Platforms linux, windows
      Identity  linux   acme-notes
      iOS       artifact_only
      Created   49 days ago (2026-10-01 10:00 UTC)
      Releases  2
      CHANNEL   MODE  RELEASE    REACH  SINCE     GRADE  RULES  OPEN  APPROVED BY
      internal  auto  1.1.0 (7)  100 %  21 h ago  -      off    -     -
      "
    `);
    await resultOf(made, "dist-app-show-result.v1", "dist", "app", "show", "acme-notes");
    const { exit, error } = await runJson(["dist", "app", "show", "zebar"], { world: made });
    expect([exit, error?.code, error?.hints]).toEqual([2, "app.not_found", ["Did you mean zebra?"]]);
  });

  it("says where there is none how to begin", async () => {
    const run = await runCli(["dist", "app", "list"], { world: await readingWorld(), ...screen });
    expect([run.exit, run.stdout]).toEqual([0, ""]);
    expect(run.stderr).toContain("No apps yet\n");
  });
});

describe("dist artifact", () => {
  it("lists files newest version first, then by platform", async () => {
    const list = ["dist", "artifact", "list", "--app", "acme-notes"];
    const run = await runCli(list, { world: await world(), ...screen });
    expect(run.stdout).toMatchInlineSnapshot(`
      "RELEASE    PLATFORM  VARIANT  FILE          SIZE  SHA-256        VALIDATION  SIGNATURE
      1.1.0 (7)  linux     x64      acme.deb   18.0 MB  c264a1699e69…  passed      -
      1.0.0      linux     x64      acme.deb   18.0 MB  0706c32b4e4f…  passed      -
      1.0.0      windows   -        Setup.exe  18.0 MB  922bbcd97c69…  passed      -
      "
    `);
  });

  it("takes a release and a platform", async () => {
    const list = ["dist", "artifact", "list", "--release", "acme-notes@1.0.0", "--platform", "linux"];
    const { app, artifacts } = await resultOf(await world(), "dist-artifact-list-result.v1", ...list);
    expect([app, artifacts.map(({ filename }) => filename)]).toEqual(["acme-notes", ["acme.deb"]]);
  });

  it("names the same files on pages as at once", async () => {
    const made = await world();
    const read = (...more: readonly string[]) =>
      resultOf(made, "dist-artifact-list-result.v1", "dist", "artifact", "list", ...more);
    const all = await read();
    const pages = [];
    let page = await read("--limit", "1");
    for (; page.next_cursor !== null; page = await read("--limit", "1", "--after", page.next_cursor))
      pages.push(...page.artifacts);
    expect([...pages, ...page.artifacts]).toEqual(all.artifacts);
    expect(all.artifacts.map(({ app, version, platform }) => `${app} ${version} ${platform}`)).toEqual([
      "acme-notes 1.1.0 linux",
      "acme-notes 1.0.0 linux",
      "acme-notes 1.0.0 windows",
      "zebra 3.0.0 linux",
    ]);
  });

  it("shows bytes by the beginning of their digest, by id, and says what names none", async () => {
    const made = await world();
    const [row] = two.artifacts;
    for (const text of [row!.sha256, row!.sha256.slice(0, 12), row!.id]) {
      const shown = await resultOf(made, "dist-artifact-show-result.v1", "dist", "artifact", "show", text);
      expect(shown.used_by).toMatchObject([{ app: "acme-notes", version: "1.1.0", filename: "acme.deb" }]);
      expect(shown.validation_status).toBe("skipped");
    }
    const failures = [row!.sha256.slice(0, 11), "f".repeat(64), "art_nothing", "nonsense"];
    const codes = failures.map(async (text) => {
      const { exit, error } = await runJson(["dist", "artifact", "show", text], { world: made });
      return [exit, error?.code];
    });
    expect(await Promise.all(codes)).toEqual([
      [2, "usage.invalid_argument"],
      [2, "dist.artifact.not_found"],
      [2, "dist.artifact.not_found"],
      [2, "usage.invalid_argument"],
    ]);
  });

  it("escapes what a file's name could do to a terminal or a table", async () => {
    const made = await world();
    const evil = releaseOf("9.0.0", {}, [{ filename: "a b—é｜漢字.deb", variant: "x64" }]);
    await made.write([
      releaseWrite(evil),
      recordWrite(evil.artifacts[0]!, {
        kind: "deb",
        facts: { identity: "\u001b[31mred\u202egnp\tx\nFAKE ROW", version: "1\r0", signature: "\u0007" },
        checks: [
          { id: "deb.control", status: "failed", message: "line one\nwarning[fake] line two\u202e", detail: {} },
        ],
      }),
    ]);
    for (const argv of [
      ["dist", "release", "show", "acme-notes@9.0.0"],
      ["dist", "artifact", "show", evil.artifacts[0]!.sha256],
      ["dist", "artifact", "list", "--release", "acme-notes@9.0.0"],
    ]) {
      for (const terminal of [screen, {}]) {
        const run = await runCli(argv, { world: made, ...terminal });
        expect(run.exit).toBe(0);
        expect(run.stdout + run.stderr).not.toMatch(/[^\P{C}\n\t]/u);
        expect(run.stdout).not.toMatch(/^(?:FAKE|warning)/m);
      }
    }
  });
});

describe("dist audit", () => {
  const events = [
    ["release.published", "rel_a", "acme-notes"],
    ["channel.promoted", "acme-notes/beta", "acme-notes"],
    ["token.created", "tok_a", undefined],
  ] as const;

  async function audited(): Promise<ReadingWorld> {
    const made = await world();
    for (const [action, id, app] of events) {
      made.clock.advance(60_000);
      const metadata = app === undefined ? {} : { app };
      await made.write([], [{ action, target: ["thing", id], metadata }]);
    }
    return made;
  }

  it("shows who did what, newest first, with absolute times", async () => {
    const run = await runCli(["dist", "audit", "--limit", "3"], { world: await audited(), ...screen });
    expect(run.stdout.replaceAll(/aud_[0-9a-z]{26}/g, "aud_x")).toMatchInlineSnapshot(`
      "TIME                     ACTION             TARGET           ACTOR                        EVENT
      2026-11-19 11:43:00 UTC  token.created      tok_a            human alice (self-declared)  aud_x
      2026-11-19 11:42:00 UTC  channel.promoted   acme-notes/beta  human alice (self-declared)  aud_x
      2026-11-19 11:41:00 UTC  release.published  rel_a            human alice (self-declared)  aud_x
      "
    `);
    expect(run.stderr).toMatch(/^Next +the same with --after \S+$/m);
  });

  it.each([
    [["--app", "acme-notes", "--action", "release.published"], ["rel_a"]],
    [["--target", "tok_a"], ["tok_a"]],
    [["--actor", "nobody"], []],
    [["--actor", "alice", "--action", "token.created"], ["tok_a"]],
  ])("takes the filters %j", async (filters, targets) => {
    const { events: found } = await resultOf(await audited(), "dist-audit-result.v1", "dist", "audit", ...filters);
    expect(found.map(({ target_id: target }) => target)).toEqual(targets);
  });

  it("shows each event once, however long the pages are", async () => {
    const made = await audited();
    const all = await resultOf(made, "dist-audit-result.v1", "dist", "audit");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (limit) => {
        const found = [];
        let after: string | null = null;
        do {
          const cursor: readonly string[] = after === null ? [] : ["--after", after];
          const page: Documents["dist-audit-result.v1"] = await resultOf(
            made,
            "dist-audit-result.v1",
            "dist",
            "audit",
            "--limit",
            String(limit),
            ...cursor,
          );
          found.push(...page.events);
          after = page.next_cursor;
        } while (after !== null);
        expect(found).toEqual(all.events);
      }),
      { numRuns: 8 },
    );
  });
});

describe("dist token list", () => {
  function token(id: string, more: Partial<TokenV1>): TokenV1 {
    return {
      schema: "token.v1",
      id,
      name: id.slice(4),
      token_hash: "a".repeat(64),
      token_prefix: "0011aabb",
      scopes: ["releases:publish"],
      apps: null,
      channels: null,
      actor_kind: "automation",
      created_by: { kind: "human", name: "alice", id: "git:alice", verified: false },
      created_at: "2026-10-01T10:00:00Z",
      expires_at: "2027-01-01T10:00:00Z",
      revoked_at: null,
      ...more,
    };
  }

  it("shows what each may do, when it was used last and whether it still works, and never its digest", async () => {
    const made = await readingWorld();
    const tokens = [
      token("tok_ci", { apps: ["acme-notes"], channels: ["beta"], scopes: ["channels:promote", "releases:publish"] }),
      token("tok_gone", { revoked_at: "2026-11-01T00:00:00Z" }),
      token("tok_old", { expires_at: "2026-11-19T11:40:00Z" }),
      token("tok_planted", { scopes: ["tokens:admin"] }),
    ];
    await made.write(
      tokens.map((document) => ({ name: "token.v1", key: { id: document.id }, document }) as const),
      [{ action: "token.created", target: ["token", "tok_ci"], metadata: {} }],
    );
    const used = { action: "channel.promoted", target: ["channel", "a/b"], metadata: {} } as const;
    made.clock.advance(-3_600_000);
    await made.write([], [used], { kind: "token", name: "ci", id: "tok_ci", verified: true });
    made.clock.advance(3_600_000);
    await made.write([], [used], { kind: "token", name: "ci", id: "tok_ci", verified: false });
    const run = await runCli(["dist", "token", "list"], { world: made, ...screen });
    expect(run.stdout).toMatchInlineSnapshot(`
      "NAME     PREFIX          SCOPES                              LIMITS                          EXPIRES     LAST USED  STATE    TOKEN
      ci       dist_0011aabb…  channels:promote, releases:publish  apps acme-notes, channels beta  2027-01-01  1 h ago    active   tok_ci
      gone     dist_0011aabb…  releases:publish                    -                               2027-01-01  -          revoked  tok_gone
      old      dist_0011aabb…  releases:publish                    -                               just now    -          expired  tok_old
      planted  dist_0011aabb…  tokens:admin                        -                               2027-01-01  -          invalid  tok_planted
      "
    `);
    const result = await resultOf(made, "dist-token-list-result.v1", "dist", "token", "list");
    expect(result.tokens[0]?.last_used_at).toBe("2026-11-19T10:40:00Z");
    expect(result.tokens.map(({ state }) => state)).toEqual(["active", "revoked", "expired", "invalid"]);
    expect(JSON.stringify(result)).not.toContain("a".repeat(64));
  });
});
