import { describe, expect, it } from "vitest";
import { githubClient } from "../../../../src/platform/github/client.ts";
import { githubSettings } from "../../../../src/platform/github/settings.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import type { Acme } from "../../../github/acme.ts";
import { acmeSettings as acme, decisionsRuleset as decisions } from "../../../support/acme-settings.ts";
import { containing } from "../../../support/examine.ts";
import { loopback } from "../../../support/loopback.ts";
import { clockAt } from "../../../support/world.ts";

/** Puts files on the default branch. */
async function commit({ repo, code }: Acme, files: Readonly<Record<string, string>>): Promise<void> {
  const edits = new Map<string, { mode: "100644"; oid: string }>();
  for (const [path, text] of Object.entries(files))
    edits.set(path, { mode: "100644", oid: await repo.writeObject("blob", Buffer.from(text)) });
  const before = (await repo.git(["rev-parse", `${code}^{tree}`])).trim();
  const tree = await repo.editTree(before, edits);
  const who = ["-c", "user.name=Alice", "-c", "user.email=alice@acme.example"];
  const made = (await repo.git([...who, "commit-tree", tree, "-p", code, "-m", "More"])).trim();
  await repo.compareAndSwap("refs/heads/main", code, made);
}

describe("settings of a repository on GitHub", () => {
  it("tells what everyone may know: id, name, visibility, and what the token's account may do", async () => {
    const on = await acme();
    const common = { id: on.repo.id, name: "acme/notes", visibility: "public", isFork: false };
    expect(await on.as("alice").repository()).toMatchObject({ ...common, token: { admin: true, push: true } });
    expect(await on.as("bob").repository()).toMatchObject({ ...common, token: { admin: false, push: true } });
  });

  it("tells the scopes of a classic token, and takes an empty list for nothing said", async () => {
    const repository = { id: 1, full_name: "acme/notes", private: false, owner: {} };
    for (const [header, scopes] of [
      ["repo, gist", ["repo", "gist"]],
      ["", null],
      [undefined, null],
    ] as const) {
      const headers = header === undefined ? {} : { "x-oauth-scopes": header };
      const { origin } = await loopback(() => ({ status: 200, headers, body: repository }));
      const at = { owner: "acme", repo: "notes", apiUrl: origin, serverUrl: origin };
      const settings = githubSettings(githubClient({ at, token: "t", clock: clockAt() }));
      expect(await settings.repository()).toMatchObject({ scopes, token: null, allowsMergeCommits: null });
    }
  });

  it("reads the rules of a branch that need not exist, with who may bypass them for an administrator", async () => {
    const on = await acme();
    expect(await on.as("bob").rules(DECISIONS)).toMatchObject({
      said: { pullRequest: null, refusesForcePush: false, bypass: { said: [] }, hidden: null },
    });
    await on.as("alice").apply(decisions);
    const rules = { pullRequest: decisions.pullRequest, refusesForcePush: true, refusesDeletion: true };
    expect(await on.as("alice").rules(DECISIONS)).toMatchObject({ said: { ...rules, bypass: { said: [] } } });
    expect(await on.as("bob").rules(DECISIONS)).toMatchObject({ said: { ...rules, bypass: { unsaid: "permission" } } });
    expect(await on.as("alice").rules(STATE)).toMatchObject({ said: { refusesForcePush: false } });
  });

  it("names who may bypass, workflows above all", async () => {
    const on = await acme();
    await on.as("alice").apply(decisions);
    const [ruleset] = on.repo.features.rulesets;
    if (ruleset === undefined) throw new Error("no ruleset");
    ruleset.bypass = [
      { actor_id: 15_368, actor_type: "Integration", bypass_mode: "always" },
      { actor_id: 5, actor_type: "RepositoryRole", bypass_mode: "pull_request" },
    ];
    expect(await on.as("alice").rules(DECISIONS)).toMatchObject({
      said: {
        bypass: {
          said: [
            { isAnyWorkflow: true, when: "always", rule: "ruleset waybill decisions" },
            { who: "administrators", isAnyWorkflow: false, when: "pull_request" },
          ],
        },
      },
    });
  });

  it("joins the rules of several rulesets into the strictest", async () => {
    const on = await acme();
    await on.as("alice").apply(decisions);
    await on.as("alice").apply({
      ...decisions,
      name: "more",
      pullRequest: {
        approvals: 2,
        codeOwnerReview: false,
        lastPushApproval: false,
        dismissesStale: false,
        mergeMethods: ["merge"],
      },
    });
    expect(await on.as("bob").rules(DECISIONS)).toMatchObject({
      said: { pullRequest: { approvals: 2, codeOwnerReview: true, mergeMethods: ["merge"] } },
    });
  });

  it("does not take for none what the plan does not have", async () => {
    const on = await acme();
    on.repo.private = true;
    for (const settings of [on.as("alice"), on.as("bob")]) {
      expect(await settings.rules(DECISIONS)).toMatchObject({ unsaid: "plan" });
      expect(await settings.compare(decisions)).toMatchObject({ unsaid: "plan" });
    }
  });

  it("tells settings of workflows and releases to administrators, and to others that it does not", async () => {
    const on = await acme();
    on.repo.features.settings.canApprove = true;
    expect(await on.as("alice").workflowSettings()).toEqual({
      said: { areEnabled: true, mayOpenAndApprove: true, defaultToken: "read" },
    });
    expect(await on.as("workflow").workflowSettings()).toMatchObject({ unsaid: "permission" });
    for (const status of [200, 404] as const) {
      on.repo.features.settings.immutableOffStatus = status;
      expect(await on.as("alice").immutableReleases()).toEqual({ said: "off" });
      expect(await on.as("workflow").immutableReleases()).toMatchObject({ unsaid: "permission" });
    }
    on.repo.features.releases.immutable.enabled = true;
    expect(await on.as("alice").immutableReleases()).toEqual({ said: "on" });
    on.repo.features.releases.immutable.enforcedByOwner = true;
    expect(await on.as("alice").immutableReleases()).toEqual({ said: "enforced" });
  });

  it("reads files, workflows with their state, and errors of CODEOWNERS", async () => {
    const on = await acme();
    expect(await on.as("bob").workflows()).toEqual({ said: [] });
    expect(await on.as("bob").codeOwnersErrors("main")).toEqual({ said: null });
    await commit(on, { CODEOWNERS: "* @nobody @bob\n", ".github/workflows/waybill-verify.yml": "name: verify\n" });
    expect(await on.as("bob").workflows()).toMatchObject({
      said: [{ path: ".github/workflows/waybill-verify.yml", state: "active" }],
    });
    const file = await on.as("workflow").file(".github/workflows/waybill-verify.yml");
    expect(new TextDecoder().decode(file ?? undefined)).toBe("name: verify\n");
    expect(await on.as("bob").file("missing.json")).toBeNull();
    expect(await on.as("bob").codeOwnersErrors("main")).toEqual({ said: [containing("Unknown owner in line 1")] });
  });

  it("tells a repository without pages from one whose pages it may not see", async () => {
    const on = await acme();
    expect(await on.as("alice").pages()).toEqual({ said: null });
    const { settings } = on.repo.features;
    settings.pages = {
      cname: "notes.acme.example",
      branch: "main",
      path: "/",
      buildType: "workflow",
      httpsEnforced: true,
    };
    expect(await on.as("alice").pages()).toMatchObject({
      said: { domain: "notes.acme.example", isHttpsEnforced: true },
    });
    on.repo.private = true;
    expect(await on.as("workflow").pages()).toMatchObject({ unsaid: "permission" });
  });

  it("finds branches, tags, accounts, and whose time it is", async () => {
    const on = await acme();
    await on.repo.compareAndSwap(`refs/tags/${STATE}`, null, on.code);
    const bob = on.as("bob");
    expect([await bob.hasBranch("main"), await bob.hasBranch(STATE)]).toEqual([true, false]);
    expect(await bob.tags("waybill/")).toEqual([STATE]);
    expect(await bob.account(null)).toEqual({ id: on.people.bob.id, login: "bob", kind: "user" });
    expect(await bob.account("alice")).toMatchObject({ id: on.people.alice.id });
    expect([await bob.account("nobody"), await bob.account("acme")]).toEqual([null, null]);
    expect(await on.as("workflow").account(null)).toBeNull();
    expect(await bob.now()).toBeInstanceOf(Date);
  });

  it("names the permissions that reading lacks", async () => {
    const on = await acme();
    on.repo.private = true;
    expect(await on.as("bob").refusedPermissions()).toEqual([]);
    const bot = on.github.addAccount("reader[bot]", "Bot");
    const token = on.github.token(bot, "workflow", { contents: "read", metadata: "read" });
    const { apiUrl, serverUrl } = on.github;
    const at = { owner: "acme", repo: "notes", apiUrl, serverUrl };
    const settings = githubSettings(githubClient({ at, token, clock: clockAt() }));
    expect(await settings.refusedPermissions()).toEqual(["pull_requests", "statuses", "actions"]);
  });
});
