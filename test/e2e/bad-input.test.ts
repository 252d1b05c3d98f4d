import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isData } from "../../src/kernel/json.ts";
import {
  build,
  folder,
  machine,
  manifestOf,
  refusal,
  setUp,
  sure,
  tearDown,
  traces,
} from "../support/bad-input-world.ts";
import { type Sandbox, sandboxIn } from "../support/sandbox.ts";

beforeAll(setUp, 60_000);
afterAll(tearDown);

describe("a name that nobody knows", () => {
  it.each<[readonly string[], string]>([
    [["app", "show", "acmee"], "app.not_found"],
    [["app", "set", "acmee", "--name", "x"], "app.not_found"],
    [["channel", "list", "--app", "acmee"], "app.not_found"],
    [["channel", "show", "internl", "--app", "acme"], "channel.not_found"],
    [["release", "list", "--app", "acmee"], "app.not_found"],
    [["release", "show", "acme@9.9.9"], "release.not_found"],
    [["release", "show", "rel_000000000000"], "release.not_found"],
    [["release", "promote", "acme@9.9.9", "--channel", "internal", "--reason", "x"], "release.not_found"],
    [["release", "rollback", "--app", "acmee", "--channel", "internal", "--reason", "x"], "app.not_found"],
    [["artifact", "show", "0".repeat(64)], "dist.artifact.not_found"],
    [["download", "--app", "acme", "--channel", "internl", "--platform", "linux"], "channel.not_found"],
    [["token", "revoke", "tok_000000000000", "--yes"], "token.not_found"],
  ])("%j", async (argv, code) => {
    const found = await refusal(machine, "dist", ...argv);
    expect([found.exit, found.error["code"]]).toEqual([2, code]);
    expect(found.text).toMatch(/^ {2}next {2,}\S/m);
  });
});

describe("a token that does not reach", () => {
  it("is refused in the fixed order, and never printed", async () => {
    const make = async (...argv: readonly string[]) => {
      const { raw, token } = await sure("dist", "token", "create", ...argv);
      const id = isData(token) ? token["id"] : undefined;
      if (typeof raw !== "string" || typeof id !== "string") throw new Error("no token");
      return { raw, id };
    };
    await sure("dist", "app", "create", "other", "--platform", "linux");
    const other = await make("other", "--scope", "releases:publish", "--app", "other");
    const reader = await make("reader", "--scope", "audit:read", "--app", "other");
    const channel = await make(
      "channel",
      "--scope",
      "releases:publish",
      "--scope",
      "channels:promote",
      "--app",
      "acme",
      "--channel",
      "nightly",
    );
    const gone = await make("gone", "--scope", "audit:read", "--app", "other");
    await sure("dist", "token", "revoke", gone.id, "--yes");
    const path = build(manifestOf({ channel: "internal" }));
    const codes = [];
    for (const raw of [`dist_${"0".repeat(64)}`, "x", gone.raw, reader.raw, other.raw, channel.raw]) {
      const found = await refusal(machine, "dist", "ci", "publish", "--manifest", path, "--token", raw);
      codes.push([found.exit, found.error["code"]]);
      expect(JSON.stringify(found)).not.toContain(raw.slice(5, 40) || "never");
    }
    expect(codes).toEqual(
      [
        "auth.unknown",
        "auth.unknown",
        "auth.revoked",
        "auth.missing_scope",
        "auth.app_forbidden",
        "auth.channel_forbidden",
      ].map((code) => [1, code]),
    );
  });
});

describe("branches of garbage", () => {
  const commands: readonly (readonly [string, ...string[]])[] = [
    ["dist", "app", "list"],
    ["dist", "channel", "list", "--app", "acme"],
    ["dist", "release", "list", "--app", "acme"],
    ["dist", "audit"],
    ["dist", "token", "list"],
    ["dist", "download", "--app", "acme", "--channel", "internal", "--platform", "linux", "--dry-run"],
    ["dist", "ci", "publish", "--manifest", "dist.json"],
    ["waybill", "gate", "list"],
    ["waybill", "state", "verify"],
    ["waybill", "state", "stats"],
    ["waybill", "sql", "SELECT 1"],
  ];

  /** Runs every command on a repository; none may end as our bug. */
  async function expectTyped(on: Sandbox): Promise<void> {
    for (const [program, ...argv] of commands) {
      const { exit, stdout } = await on.run(program, ...argv, "--json");
      const answer: unknown = JSON.parse(stdout);
      const code = isData(answer) && isData(answer["error"]) ? answer["error"]["code"] : "none";
      expect([argv.join(" "), [0, 1, 2, 4].includes(exit), code === "internal.bug"]).toEqual([
        argv.join(" "),
        true,
        false,
      ]);
    }
  }

  it.each<[string, (git: (...argv: string[]) => string) => void]>([
    [
      "made by somebody else",
      (git) => {
        const blob = git("hash-object", "-w", "--stdin");
        const tree = git("write-tree");
        for (const branch of ["state", "decisions"])
          git("update-ref", `refs/heads/waybill/${branch}`, git("commit-tree", tree, "-m", blob));
      },
    ],
    [
      "that name no commits",
      (git) => {
        const blob = git("hash-object", "-w", "--stdin");
        for (const branch of ["state", "decisions"])
          writeFileSync(join(git("rev-parse", "--absolute-git-dir"), "refs", "heads", "waybill", branch), `${blob}\n`);
      },
    ],
    [
      "with a root of garbage",
      (git) => {
        const blob = git("hash-object", "-w", "--stdin");
        git("read-tree", "--empty");
        for (const path of [
          "state.json",
          "policy.json",
          "dist/apps/acme/app.json",
          "audit/x",
          "channels/acme/internal.json",
        ])
          git("update-index", "--add", "--cacheinfo", `100644,${blob},${path}`);
        const tree = git("write-tree");
        for (const branch of ["state", "decisions"])
          git("update-ref", `refs/heads/waybill/${branch}`, git("commit-tree", tree, "-m", "x"));
      },
    ],
    ["without decisions", (git) => void git("update-ref", "-d", "refs/heads/waybill/decisions")],
    ["without facts", (git) => void git("update-ref", "-d", "refs/heads/waybill/state")],
    [
      "with a symbolic ref",
      (git) => void git("symbolic-ref", "refs/heads/waybill/state", "refs/heads/waybill/decisions"),
    ],
    [
      "swapped",
      (git) => {
        const [state, decisions] = [
          git("rev-parse", "refs/heads/waybill/state"),
          git("rev-parse", "refs/heads/waybill/decisions"),
        ];
        git("update-ref", "refs/heads/waybill/state", decisions);
        git("update-ref", "refs/heads/waybill/decisions", state);
      },
    ],
    [
      "with objects that are gone",
      (git) => {
        const objects = join(git("rev-parse", "--absolute-git-dir"), "objects");
        rmSync(objects, { recursive: true });
        mkdirSync(objects);
      },
    ],
  ])("%s: every command answers with a typed error or a warning, never with a stack", async (_what, spoil) => {
    const copy = mkdtempSync(join(folder, "copy-"));
    cpSync(join(folder, "repo.git"), join(copy, "repo.git"), { recursive: true });
    const on = sandboxIn(copy, { DIST_SERVER: join(copy, "repo.git"), DIST_LOCAL_STORE: join(copy, "store") });
    on.write("dist.json", JSON.stringify(manifestOf()));
    on.write("app.bin", "two\n");
    spoil((...argv) => on.git("-C", "repo.git", ...argv).trimEnd());
    await expectTyped(on);
  });
});

describe("arguments that nobody meant", () => {
  const strange: readonly string[] = [
    "",
    "--",
    "../..",
    "\u001b[2J\u202e",
    "x".repeat(100_000),
    "NaN",
    "-1",
    "__proto__",
  ];
  const shapes: readonly (readonly string[])[] = [
    ["dist", "app", "show", "?"],
    ["dist", "app", "create", "?", "--dry-run"],
    ["dist", "release", "list", "--app", "acme", "--limit", "?"],
    ["dist", "release", "list", "--app", "acme", "--after", "?"],
    ["dist", "release", "show", "?"],
    ["dist", "channel", "show", "?", "--app", "?"],
    ["dist", "release", "promote", "?", "--channel", "?", "--reason", "?", "--dry-run"],
    ["dist", "release", "promote", "acme@1.0.0", "--channel", "internal", "--rollout", "?", "--dry-run"],
    ["dist", "release", "rollback", "--app", "?", "--channel", "?", "--to", "?", "--preview"],
    ["dist", "ci", "publish", "--manifest", "?"],
    ["dist", "download", "--app", "acme", "--channel", "internal", "--platform", "?", "--out", "?", "--dry-run"],
    ["dist", "token", "create", "?", "--scope", "?", "--days", "?", "--dry-run"],
    ["dist", "token", "revoke", "?", "--dry-run"],
    ["dist", "app", "list", "--server", "?"],
    ["dist", "app", "list", "--token", "?"],
    ["dist", "artifact", "show", "?"],
    ["dist", "audit", "--limit", "?"],
    ["waybill", "gate", "show", "?"],
    ["waybill", "gate", "open", "?", "--reason", "?", "--dry-run"],
    ["waybill", "gate", "approve", "?", "--key", "?"],
    ["waybill", "sql", "?"],
    ["waybill", "state", "verify", "--root", "?"],
    ["waybill", "?"],
    ["waybill", "inspect", "?"],
    ["waybill", "--?"],
  ];

  it.each(shapes.map((shape) => [shape.join(" "), shape] as const))("%s", async (_text, [program = "", ...shape]) => {
    const before = traces();
    for (const word of strange) {
      const argv = shape.map((part) => part.replace("?", () => word));
      const { exit, stdout, stderr } = await machine.run(program, ...argv, "--json");
      const code = /"code": "([a-z_.]+)"/.exec(stdout)?.[1] ?? "none";
      const said = [word.slice(0, 20), exit < 5, code, /\n\s+at .*\.(?:js|ts|cjs):\d+/.test(stderr)];
      expect(said).toEqual([word.slice(0, 20), true, code === "internal.bug" ? "another" : code, false]);
    }
    expect(traces()).toEqual(before);
  });
});
