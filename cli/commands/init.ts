import { defineCommand } from "../command.ts";

/** `waybill init`. */
export const init = defineCommand({
  path: "init",
  group: "Set up",
  summary: "Make the two branches, and the first policy with your key or GitHub account",
  examples: [
    "init ./acme.git",
    "init ./acme.git --approver alice --key ~/.ssh/id_ed25519.pub",
    "init --github --approver alice --github-login alice-acme",
    "init --github --apply",
  ],
  effects: [
    "a bare repository where there is none, waybill/state and waybill/decisions in it   exit 0",
    "what is there already stays as it is, so running it again changes nothing   exit 0",
    "with --github, workflows and .waybill.json are written into the clone, to be committed   exit 0",
    "with --apply, a ruleset could not be made: no administrator, or the plan has none   exit 1",
  ],
  positionals: [{ name: "path", describe: "Repository, or where to make a bare one", optional: true }],
  options: {
    approver: { type: "string", placeholder: "name", describe: "First person of policy.json (default: your git name)" },
    key: { type: "string", placeholder: "file", describe: "Their SSH key (default: yours, else a new one)" },
    github: {
      type: "boolean",
      describe: "Set up a repository on GitHub: approvals there count, workflows are installed",
    },
    "github-login": { type: "string", placeholder: "login", describe: "Their GitHub account (default: yours)" },
    apply: { type: "boolean", describe: "With --github: protect both branches by rulesets; needs an administrator" },
    actions: {
      type: "string",
      placeholder: "owner/repo@commit",
      describe: "With --github: Waybill's actions that workflows use (default: the action that runs this)",
    },
    "tenant-id": { type: "string", placeholder: "id", describe: "Scope of the documents (default: a new id)" },
    "repo-id": { type: "string", placeholder: "id", describe: "Id of this repository (default: a new id)" },
  },
  writes: true,
  creates: true,
  needs: ["ground", "repository", "forgeSettings", "keys", "files", "assets", "acts", "asker", "env"],
  result: "init-result.v1",
  async run({ ground, repository, forgeSettings, keys, files, assets, acts, asker, env }, args) {
    const { initResult } = await import("../../src/gate/setup/init-result.ts");
    const { githubAsked } = await import("../github-asked.ts");
    const text = (name: string) => (typeof args[name] === "string" ? args[name] : null);
    const asked = {
      location: repository.location,
      workTree: repository.workTree,
      repositoryMade: repository.made,
      dryRun: args["dry-run"] === true,
      approver: text("approver"),
      keyFile: text("key"),
      tenantId: text("tenant-id"),
      repoId: text("repo-id"),
      github: githubAsked(forgeSettings, args, env, ground.version ?? "0.0.0"),
    };
    const act = acts.begin(asker.actor, "init");
    const { error, ...answer } = await initResult(ground, { keys, files, assets }, act, asked);
    return error === null ? { ...answer, exit: 0 } : { ...answer, exit: 1, error };
  },
  screen: async (result) => (await import("../screens/init.ts")).initScreen(result),
});
