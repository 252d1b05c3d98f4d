import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadDecisions } from "../../src/gate/view/view.ts";
import { reason, refuse } from "../../src/kernel/errors.ts";
import type { ForgeSettings, Ruleset } from "../../src/ports/forge-settings.ts";
import { DECISIONS, STATE } from "../../src/state/branches.ts";
import { openState } from "../../src/state/transact.ts";
import { keysWith, makeKey } from "../support/gate-world.ts";
import { healthyForge, noPermission } from "../support/healthy-forge.ts";
import { runCli, runJson } from "../support/run-cli.ts";
import { makeWorld } from "../support/world.ts";

const PIN = `acme-tools/waybill@${"1".repeat(40)}`;
const init = ["init", "--github"];

/** A clone of a repository on GitHub that has nothing of Waybill yet. */
function cloned(given: Partial<ForgeSettings> = {}) {
  const world = makeWorld({ forgeSettings: healthyForge({ compare: async () => ({ said: "missing" }), ...given }) });
  const workTree = `${world.folder}/clone`;
  mkdirSync(workTree);
  return { ...world, repository: { location: workTree, gitDir: null, workTree, github: null, made: false } };
}

describe("init --github", () => {
  it("makes branches whose least proof is recorded, with the id of the repository and the account of the approver", async () => {
    const world = cloned();
    expect(await runJson([...init, "--actions", PIN], { world })).toMatchObject({
      exit: 0,
      result: {
        created: [STATE, DECISIONS, ".waybill.json"],
        proof: "recorded",
        key: null,
        github: { repository: "acme/notes", repository_id: 81, account: { id: 7, login: "alice-acme" } },
      },
    });
    const { document } = (await loadDecisions(world.ground)).policy;
    expect(document.people).toEqual({ alice: { keys: [], github: { id: 7, login: "alice-acme" } } });
    expect(await (await openState(world.ground)).find("state.v1", {})).toMatchObject({ forge_repository_id: 81 });
  });

  it("names the account that is given, and keeps the approver's own key beside it", async () => {
    const key = makeKey();
    const world = { ...cloned(), keys: keysWith(key) };
    const argv = [...init, "--approver", "bob", "--github-login", "@bob-acme"];
    expect(await runJson(argv, { world })).toMatchObject({ exit: 0, result: { key: { person: "bob", made: false } } });
    const { document } = (await loadDecisions(world.ground)).policy;
    expect(document.people).toEqual({ bob: { keys: [key.publicKey], github: { id: 7, login: "bob-acme" } } });
  });

  it("writes workflows for the commit of the actions and for the owner, and the next command commits them", async () => {
    const world = cloned();
    const run = await runCli([...init, "--actions", PIN], { world });
    const path = ".github/workflows/waybill-gate-sync.yml";
    const text = readFileSync(`${world.repository.workTree}/${path}`, "utf8");
    expect(text).toContain(`acme-tools/waybill/actions/gate-sync@${"1".repeat(40)} # v0.0.0`);
    expect(text).toContain("github.repository_owner == 'acme'");
    expect(run.stdout).toMatch(
      /^Written +\.waybill\.json, 5 workflows as \.github\/workflows\/waybill-\*\.yml +to be committed$/m,
    );
    expect(run.stderr).toMatch(
      /Next +git add \.waybill\.json \.github\/workflows\/waybill-\*\.yml && git commit .* && git push$/m,
    );
  });

  it("says that files need a clone, where there is none, and calls nothing unchanged that it wrote", async () => {
    const world = cloned();
    const elsewhere = { ...world, repository: { ...world.repository, workTree: null } };
    const first = await runCli([...init, "--actions", PIN], { world: elsewhere });
    expect(first.stdout).toMatch(
      /^Files +not written: workflows and \.waybill\.json need a clone +there: waybill init/m,
    );
    const later = await runCli([...init, "--actions", PIN], { world });
    expect(later.stdout).toMatch(/^Initialised /);
    const again = await runCli([...init, "--actions", PIN], { world });
    expect(again.stdout).toMatch(/^Unchanged .* {3}both branches were there$/m);
    expect(again.stdout).not.toMatch(/^(?:Written|Files)/m);
  });

  it("never overwrites a file, and says which differ", async () => {
    const world = cloned();
    const folder = `${world.repository.workTree}/.github/workflows`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/waybill-verify.yml`, "name: ours\n");
    const first = await runCli([...init, "--actions", PIN], { world });
    expect(first.stdout).toMatch(/^Differs +\.github\/workflows\/waybill-verify\.yml +kept as it is/m);
    const second = await runJson([...init, "--actions", PIN], { world });
    const same = { status: "same" };
    const differs = { path: ".github/workflows/waybill-verify.yml", status: "differs" };
    expect(second).toMatchObject({
      result: { created: [], github: { files: [same, same, same, differs, same, same] } },
    });
    expect(readFileSync(`${folder}/waybill-verify.yml`, "utf8")).toBe("name: ours\n");
  });

  it("writes no workflow that could not run, and asks which actions they should use", async () => {
    const world = cloned();
    const run = await runCli(init, { world });
    expect([run.exit, existsSync(`${world.repository.workTree}/.github`)]).toEqual([0, false]);
    expect(run.stdout).toMatch(/^Workflows +not written: which actions should they use\?/m);
  });

  it("takes the actions that run it for those that workflows use", async () => {
    const world = cloned();
    const env = { GITHUB_ACTION_REPOSITORY: "acme-tools/waybill", GITHUB_ACTION_REF: "1".repeat(40) };
    expect((await runCli(init, { world, env })).stdout).toMatch(/^Written .*5 workflows/m);
    // As in a composite action, whose runner empties its own variables or names another action.
    const composite = {
      GITHUB_ACTION_REPOSITORY: "",
      GITHUB_ACTION_REF: "v4",
      WAYBILL_ACTION_REPOSITORY: "acme-tools/waybill",
    };
    const inComposite = { world: cloned(), env: { ...composite, WAYBILL_ACTION_REF: "1".repeat(40) } };
    expect((await runCli(init, inComposite)).stdout).toMatch(/^Written .*5 workflows/m);
  });

  it("says what to push first, where GitHub does not have the branches", async () => {
    const run = await runCli(init, { world: cloned({ hasBranch: async () => false }) });
    expect(run.stderr).toMatch(/Next +git push origin waybill\/state waybill\/decisions$/m);
  });

  it("works without an administrator, and says what needs one", async () => {
    const world = { ...cloned({ compare: async () => noPermission }), repository: elsewhere };
    const run = await runCli(init, { world });
    expect(run.exit).toBe(0);
    expect(run.stdout).toMatch(/^Ruleset +waybill decisions +unknown/m);
  });

  it("refuses branches that belong to another repository, as those of a fork do", async () => {
    const world = cloned();
    await runJson(init, { world });
    const fork = healthyForge({
      repository: async () => ({ ...(await healthyForge().repository()), id: 82, isFork: true }),
    });
    expect(await runJson(init, { world: { ...world, forgeSettings: fork } })).toMatchObject({
      exit: 1,
      error: { code: "scope.foreign", data: { own: 81, here: 82 } },
    });
  });

  it("refuses what it cannot know: no token, no such login, flags without --github, actions without a commit", async () => {
    const world = cloned({ account: async () => null });
    const refused = (argv: readonly string[], given = world) => runJson(argv, { world: given });
    const nobody = await refused([...init, "--github-login", "nobody"]);
    expect(nobody).toMatchObject({ exit: 2, error: { message: "GitHub has no person called nobody" } });
    expect(await refused(init, { ...world, forgeSettings: null })).toMatchObject({ error: { code: "usage.not_here" } });
    expect(await refused(["init", "--apply"])).toMatchObject({ error: { message: "--apply goes with --github" } });
    expect(await refused([...init, "--actions", "a/b@v1"])).toMatchObject({ exit: 2 });
    expect(await world.store.head(STATE)).toBeNull();
  });

  it("asks for a name where a workflow runs it, for a workflow approves nothing", async () => {
    const actor = { kind: "workflow", name: "setup.yml", id: "github:81:run:1", verified: false } as const;
    const world = { ...cloned({ account: async () => null }), asker: { token: undefined, actor } };
    const run = await runJson(init, { world });
    expect(run).toMatchObject({ exit: 2, error: { hints: [expect.stringContaining("--github-login")] } });
  });
});

const elsewhere = { location: "acme/notes", gitDir: null, workTree: null, github: null, made: false };

describe("init --github --apply", () => {
  const apply = [...init, "--apply"];

  it("asks for the rulesets after the branches are there, for one person without reviews", async () => {
    const asked: Ruleset[] = [];
    const world = cloned({ apply: async (wanted) => ({ was: asked.push(wanted) === 1 ? "missing" : "different" }) });
    expect(await runJson(apply, { world })).toMatchObject({
      exit: 0,
      result: {
        github: {
          rulesets: [
            { name: "waybill decisions", status: "created" },
            { name: "waybill state", status: "updated" },
          ],
        },
      },
    });
    expect(asked).toMatchObject([
      { branch: DECISIONS, pullRequest: { approvals: 0, codeOwnerReview: false, mergeMethods: ["merge"] } },
      { branch: STATE, pullRequest: null },
    ]);
  });

  it("changes nothing with --dry-run", async () => {
    const world = cloned({ apply: async () => Promise.reject(new Error("applied")) });
    await runJson(init, { world });
    expect(await runJson([...apply, "--dry-run"], { world })).toMatchObject({
      exit: 0,
      result: { planned: true, created: [], github: { rulesets: [{ status: "missing" }, { status: "missing" }] } },
    });
  });

  it("exits 1 without an administrator, with what was and what was not done", async () => {
    const no = refuse(reason("forge.admin.missing", "It needs an administrator", {}, "Ask one"));
    const world = cloned({ apply: async () => no });
    expect(await runJson(apply, { world })).toMatchObject({
      exit: 1,
      error: { code: "forge.admin.missing" },
      result: { created: [STATE, DECISIONS, ".waybill.json"], github: { rulesets: [{ status: "refused" }, {}] } },
    });
    const { stdout, exit } = await runCli(apply, { world });
    expect([exit, stdout]).toEqual([
      1,
      expect.stringMatching(/^Ruleset +waybill state +refused +It needs an administrator; Ask one$/m),
    ]);
  });

  it("waits with rules for a branch that GitHub does not have, which they would keep from being pushed", async () => {
    const world = cloned({ hasBranch: async () => false, apply: async () => Promise.reject(new Error("applied")) });
    expect(await runJson(apply, { world })).toMatchObject({
      exit: 1,
      error: { code: "state.branch.missing", hints: ["git push origin waybill/state waybill/decisions"] },
    });
  });
});
