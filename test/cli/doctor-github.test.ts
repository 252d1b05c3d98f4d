import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { githubClient } from "../../src/platform/github/client.ts";
import { openForgeStore } from "../../src/platform/github/git/forge-store.ts";
import { githubSettings } from "../../src/platform/github/settings.ts";
import type { DistDoctorResultV1 } from "../../src/schema/types.gen.ts";
import { loadSchemas } from "../../src/schema/documents.ts";
import { type Acme, startAcme } from "../github/acme.ts";
import { runCli, runJson } from "../support/run-cli.ts";
import { clockAt, makeWorld, TEST_NOW } from "../support/world.ts";

const schemas = loadSchemas();
const PIN = `acme-tools/waybill@${"1".repeat(40)}`;

/** The stand-in, and worlds of people who work with its repository through the API. */
async function acme() {
  const on = await startAcme({ startAt: new Date(TEST_NOW) });
  onTestFinished(() => on.github.stop());
  const at = { owner: "acme", repo: "notes", apiUrl: on.github.apiUrl, serverUrl: on.github.serverUrl };
  const worldOf = (who: keyof Acme["tokens"], workTree: string | null = null) => {
    const clock = clockAt();
    const client = githubClient({ at, token: on.tokens[who], clock });
    const store = openForgeStore({ client, clock, random: () => 0.5 });
    const repository = { location: "acme/notes", gitDir: null, workTree, github: at, made: false };
    return makeWorld({ clock, store, repository, forgeSettings: githubSettings(client) });
  };
  return { ...on, at, worldOf };
}

/** Commits the files of a folder to the default branch, as a person with a clone does. */
async function commitFiles({ repo, code }: Acme, folder: string): Promise<void> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const edits = new Map<string, { mode: "100644"; oid: string }>();
  for (const { parentPath, name } of names) {
    const path = join(parentPath, name);
    const oid = await repo.writeObject("blob", readFileSync(path));
    edits.set(path.slice(folder.length + 1), { mode: "100644", oid });
  }
  const before = (await repo.git(["rev-parse", `${code}^{tree}`])).trim();
  const tree = await repo.editTree(before, edits);
  const who = ["-c", "user.name=Alice", "-c", "user.email=alice@acme.example"];
  const commit = (await repo.git([...who, "commit-tree", tree, "-p", code, "-m", "Set up Waybill"])).trim();
  await repo.compareAndSwap("refs/heads/main", code, commit);
}

/** What doctor finds, `id status`, without what is well. */
async function findings(world: ReturnType<typeof makeWorld>): Promise<readonly string[]> {
  const { result } = await runJson(["doctor"], { world });
  const found: DistDoctorResultV1 = schemas.check("dist-doctor-result.v1", result, "result");
  return found.findings.filter(({ status }) => status !== "ok").map(({ id, status }) => `${id} ${status}`);
}

describe("a repository on GitHub", () => {
  it("is set up by one command and a commit, after which doctor finds nothing broken", async () => {
    const on = await acme();
    const world = on.worldOf("alice");
    const workTree = join(world.folder, "clone");
    mkdirSync(workTree);
    on.repo.features.settings.canApprove = true;
    on.repo.features.releases.immutable.enabled = true;
    const argv = ["init", "--github", "--apply", "--actions", PIN];
    const repository = { ...world.repository, workTree };
    const made = await runJson(argv, { world: { ...world, repository } });
    expect(made).toMatchObject({
      exit: 0,
      result: { github: { branches_there: true, rulesets: [{ status: "created" }, { status: "created" }] } },
    });
    expect(await runJson(argv, { world: { ...world, repository } })).toMatchObject({
      exit: 0,
      result: { created: [], github: { rulesets: [{ status: "same" }, { status: "same" }] } },
    });
    await commitFiles(on, workTree);
    const found = await findings(world);
    expect(found.filter((line) => !line.endsWith(" warn"))).toEqual([]);
    // Alone, alice approves what she asks for; and a workflow that opens pull requests may approve them.
    expect(found).toEqual(["actions.pull_requests warn", "policy.people warn"]);
  });

  it("that nobody protected is named weakness by weakness, each with its remedy", async () => {
    const on = await acme();
    const world = on.worldOf("alice");
    on.repo.features.settings.workflowPermissions = "write";
    expect(await runJson(["init", "--github"], { world })).toMatchObject({ exit: 0 });
    expect(await findings(world)).toEqual([
      "decisions.protection fail",
      "decisions.protection fail",
      "decisions.protection fail",
      "state.protection fail",
      "state.protection fail",
      "actions.permissions warn",
      "actions.pull_requests warn",
      "decisions.merge_methods warn",
      "policy.people warn",
      "releases.immutable warn",
      "root.pinned warn",
      "workflows.current warn",
      "workflows.current warn",
    ]);
    const run = await runCli(["doctor"], { world });
    expect(run.exit).toBe(1);
    expect(run.stdout).toMatch(
      /^fail {6}decisions\.protection {4}.*accepts direct pushes.*; fix: waybill init --github --apply/m,
    );
  });

  it("is not said to be well by a token that may not see it: unknown, exit 4", async () => {
    const on = await acme();
    await runJson(["init", "--github", "--apply"], { world: on.worldOf("alice") });
    const found = await findings(on.worldOf("workflow"));
    for (const id of ["actions.permissions", "actions.pull_requests", "decisions.bypass", "releases.immutable"])
      expect(found).toContain(`${id} unknown`);
    expect((await runJson(["doctor"], { world: on.worldOf("workflow") })).exit).toBe(4);
  });

  it("says once that a token is not valid, and that nothing could be found out with it", async () => {
    const on = await acme();
    await runJson(["init", "--github"], { world: on.worldOf("alice") });
    const client = githubClient({ at: on.at, token: "ghp_revoked", clock: clockAt() });
    const world = { ...on.worldOf("alice"), forgeSettings: githubSettings(client) };
    const { stdout, exit } = await runCli(["doctor"], { world });
    expect(exit).toBe(4);
    const unknown = stdout.split("\n").filter((line) => line.startsWith("unknown"));
    expect(unknown).toEqual([
      expect.stringMatching(
        /forge\.unauthorised.*fix: Set GITHUB_TOKEN.* also actions\.pull_requests, .*workflows\.current$/,
      ),
    ]);
  });

  it("is set up by a writer too, who is told what an administrator must do", async () => {
    const on = await acme();
    const world = on.worldOf("bob");
    expect(await runJson(["init", "--github"], { world })).toMatchObject({ exit: 0 });
    const run = await runCli(["init", "--github", "--apply"], { world });
    expect(run.exit).toBe(1);
    expect(run.stdout).toMatch(
      /^Ruleset +waybill decisions +refused .*needs an administrator of acme\/notes.*--apply --server acme\/notes$/m,
    );
    expect(on.repo.features.rulesets).toEqual([]);
  });

  it("on a plan without rulesets is told to ask for signatures", async () => {
    const on = await acme();
    on.repo.private = true;
    const world = on.worldOf("alice");
    expect(await runJson(["init", "--github", "--apply"], { world })).toMatchObject({
      exit: 1,
      error: { code: "forge.plan.missing" },
    });
    expect(await findings(world)).toContain("repository.plan fail");
  });
});
