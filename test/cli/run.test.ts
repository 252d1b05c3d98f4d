import { describe, expect, it } from "vitest";
import { runCli, runJson } from "../support/run-cli.ts";
import { fakeCommands } from "./fake-commands.ts";

const commands = fakeCommands;
const end = (how: string, ...more: string[]) => ["dist", "app", "end", how, "--reason", "x", ...more];

describe("the door", () => {
  it.each([
    ["ok", 0],
    ["no", 1],
    ["refused", 1],
    ["waits", 3],
    ["moving", 4],
    ["bug", 70],
  ])("ends %s with exit %i, in text and in JSON", async (how, exit) => {
    expect((await runCli(end(how), { commands })).exit).toBe(exit);
    const result = await runJson(end(how), { commands });
    expect(result).toMatchObject({ command: "dist app end", exit, ok: exit === 0 });
    expect(result.error === undefined).toBe(exit === 0);
  });

  it("keeps the result beside the reason where a command made its document", async () => {
    const no = await runJson(end("no"), { commands });
    expect([no.result?.["schema"], no.error?.code]).toEqual(["state.v1", "app.not_creatable"]);
    const refused = await runJson(end("refused"), { commands });
    expect(refused.result).toBeUndefined();
    expect(refused.error?.data["reasons"]).toHaveLength(2);
  });

  it("writes with --json one object on stdout and nothing on stderr, whatever happens", async () => {
    for (const argv of [
      end("ok"),
      end("bug"),
      ["nope"],
      [],
      ["dist", "app", "list", "--wrong"],
      ["dist", "app", "end"],
    ]) {
      const run = await runCli([...argv, "--json"], { commands, columns: 80 });
      expect(run.stderr).toBe("");
      expect(JSON.parse(run.stdout)).toMatchObject({ schema: "command-result.v1", exit: run.exit });
    }
  });

  it("gives the same JSON whatever the terminal", async () => {
    const pipe = await runCli(["dist", "app", "list", "--json"], { commands });
    expect((await runCli(["dist", "app", "list", "--json"], { commands, columns: 40 })).stdout).toBe(pipe.stdout);
  });

  it("says a bug in one sentence, and its stack only with --verbose", async () => {
    const run = await runCli(end("bug"), { commands });
    expect(run.stderr).toMatchInlineSnapshot(`
      "bug[internal.bug] This should not happen: x is undefined
        next      Report it with the code, the command and the version, and run it again with --verbose for details
        exit 70, nothing was written
      "
    `);
    expect((await runCli(end("bug", "--verbose"), { commands })).stderr).toContain("TypeError: x is undefined");
  });

  it("says a refusal with its place, further reasons, next step and exit", async () => {
    const run = await runCli(end("refused"), { commands });
    expect(run.stdout).toBe("");
    expect(run.stderr).toMatchInlineSnapshot(`
      "error[app.exists] It is there
        at        app.json#/slug
        and       And another reason
        next      Take another name
        exit 1, nothing was written
      "
    `);
  });

  it("lays out a screen for a terminal", async () => {
    const run = await runCli(["dist", "app", "list"], { commands, columns: 100, env: { NO_COLOR: "1" } });
    expect(run.stdout).toMatchInlineSnapshot(`
      "Listed    2 apps   now
      APP         NOTES       N
      acme        short       1
      acme-notes  -      12,345
      "
    `);
    expect(run.stderr).toMatchInlineSnapshot(`
      "warning[file.changed] It changed
        next      Look at it
      Next      dist app create
      "
    `);
  });

  it("gives a pipe raw cells without a header", async () => {
    const run = await runCli(["dist", "app", "list"], { commands });
    expect(run.stdout).toBe("Listed    2 apps   now\nacme\tshort\t1\nacme-notes\t-\t12345\n");
  });

  it("lays out a pipe for people where WAYBILL_COLUMNS says how wide, without colour", async () => {
    const { stdout } = await runCli(["dist", "app", "list"], { commands, env: { WAYBILL_COLUMNS: "100" } });
    expect(stdout).toBe(
      "Listed    2 apps   now\nAPP         NOTES       N\nacme        short       1\nacme-notes  -      12,345\n",
    );
  });

  it("says on stderr that there is nothing", async () => {
    const run = await runCli(["inspect", "a"], { commands });
    expect([run.stdout, run.stderr.includes("Nothing here"), run.exit]).toEqual(["", true, 0]);
  });

  it("colours words only on a terminal that wants it", async () => {
    const colour = (env: Record<string, string>, ...argv: string[]) =>
      runCli(["dist", "app", "list", ...argv], { commands, columns: 100, env }).then(({ stdout }) =>
        stdout.includes("\u001b["),
      );
    expect(await colour({})).toBe(true);
    expect(await colour({ NO_COLOR: "1" })).toBe(false);
    expect(await colour({ TERM: "dumb" })).toBe(false);
    expect(await colour({}, "--no-color")).toBe(false);
  });

  it("shows usage and examples where something is missing and then what, on stderr with exit 2", async () => {
    const run = await runCli(["dist", "app", "end"], { commands, program: "waybill" });
    expect([run.exit, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toMatchInlineSnapshot(`
      "End in a way
      Usage: dist app end <how> --reason <text> [flags]
        <how>                  ok, no, waits, refused, moving or bug
        --reason <text>        Why
        --dry-run              Do everything but write; the result says planned
        --server <owner/repo | URL | path> [DIST_SERVER]   --token <t> [DIST_TOKEN]   --local-store <dir> [DIST_LOCAL_STORE]
        --offline   --driver <native | forge | portable> [WAYBILL_DRIVER]   --root <commit>   --key <file> [WAYBILL_KEY]   --json   --verbose   --no-color
      What happens    it ends   exit as asked
      Examples        $ dist app end no
      error[usage.missing_argument] <how> is missing
        exit 2, nothing was written
      "
    `);
  });

  it("shows the same help with --help on stdout with exit 0", async () => {
    const run = await runCli(["dist", "app", "end", "--help"], { commands });
    expect([run.exit, run.stderr]).toEqual([0, ""]);
    expect(run.stdout).toContain("Usage: dist app end <how>");
  });

  it("shows all commands by what people come to do, and those below some words", async () => {
    const { stdout } = await runCli(["--help"], { commands });
    expect(stdout).toMatchInlineSnapshot(`
      "Ship releases, channels and deliveries with git as the only database
      Usage: waybill <command> [flags]        also: dist = waybill dist · akc = waybill
      Publish         dist app end <how>  End in a way
                      inspect <file...>   Say what files are
      Look and prove  dist app list       List apps
      Everywhere      --json --verbose --no-color --help, what writes --dry-run
      Exit            0 done · 1 no · 2 bad input · 3 waiting · 4 try again · 70 our bug
      "
    `);
    expect((await runCli(["dist", "app", "--help"], { commands })).stdout).toMatchInlineSnapshot(`
      "Usage: dist app <command> [flags]
      Publish         dist app end <how>  End in a way
      Look and prove  dist app list       List apps
      Everywhere      --json --verbose --no-color --help, what writes --dry-run
      Exit            0 done · 1 no · 2 bad input · 3 waiting · 4 try again · 70 our bug
      Examples        $ dist app end no
                      $ dist app list
      "
    `);
  });

  it("takes the program's name for the first words", async () => {
    expect((await runCli(["app", "list"], { commands, program: "dist" })).exit).toBe(0);
    const distd = await runCli([], { commands, program: "distd" });
    expect([distd.exit, distd.stderr.includes("usage.not_here")]).toEqual([2, true]);
  });

  it("never shows a secret that it holds, not even in a bug", async () => {
    const secret = "dist_0123456789abcdef";
    const argv = ["dist", "app", "end", secret, "--reason", "x", "--token", secret];
    for (const more of [[], ["--json"], ["--verbose"]]) {
      const run = await runCli([...argv, ...more], { commands });
      expect(run.stdout + run.stderr).not.toContain(secret);
      expect(run.stdout + run.stderr).toContain("***");
    }
  });

  it("answers --version", async () => {
    expect((await runCli(["--version"], { commands, program: "akc" })).stdout).toBe("akc 0.0.0-test\n");
  });

  it("answers --version and --help with --json as one object too", async () => {
    expect((await runJson(["--version"], { commands })).result).toEqual({ version: "0.0.0-test" });
    const { result } = await runJson(["dist", "app", "--help"], { commands });
    expect(String(result?.["help"])).toContain("dist app list");
  });

  it("replaces glyphs where the locale is not UTF-8", async () => {
    const { stdout } = await runCli(["--help"], { commands, env: { LC_ALL: "C" } });
    expect(stdout).not.toMatch(/[^\n -~]/);
  });
});
