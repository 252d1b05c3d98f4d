import { describe, expect, it } from "vitest";
import { flagsOf } from "../../cli/parse.ts";
import { publishWorld } from "../support/publish-world.ts";
import { allCommands, runCli, runJson } from "../support/run-cli.ts";

describe("dist token", () => {
  it("shows the text once, and revokes by id", async () => {
    const world = await publishWorld();
    const made = await runJson(["dist", "token", "create", "ci", "--scope", "releases:publish"], { world });
    expect(made.result).toMatchObject({ raw: expect.stringMatching(/^dist_[0-9a-f]{64}$/) as unknown, planned: false });
    const [token] = (await (await world.facts()).names("dist/tokens")).map((name) => name.replace(".json", ""));
    const listed = await runCli(["dist", "token", "list"], { world });
    expect(listed.stdout).toContain(token);
    expect(listed.stdout).not.toContain("dist_");
    const unsure = await runJson(["dist", "token", "revoke", token ?? ""], { world });
    expect(unsure).toMatchObject({ exit: 2, error: { code: "usage.confirm_required" } });
    const done = await runJson(["dist", "token", "revoke", token ?? "", "--yes"], { world });
    expect(done).toMatchObject({ exit: 0, result: { token_id: token, changed: true } });
    const again = await runJson(["dist", "token", "revoke", token ?? "", "--yes"], { world });
    expect(again).toMatchObject({ exit: 0, result: { changed: false, commit: null } });
  });
});

describe("every command", () => {
  it("calls no argument by the name of a flag, which would be read in its place", () => {
    const clashes = allCommands.flatMap((command) =>
      (command.positionals ?? []).flatMap(({ name }) => (name in flagsOf(command) ? [`${command.path} ${name}`] : [])),
    );
    expect(clashes).toEqual([]);
  });
});
