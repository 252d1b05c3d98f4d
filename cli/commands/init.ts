import { defineCommand } from "../command.ts";

/** `waybill init`. */
export const init = defineCommand({
  path: "init",
  group: "Set up",
  summary: "Make the two branches, and the first policy with your key",
  examples: ["init ./acme.git", "init ./acme.git --approver alice --key ~/.ssh/id_ed25519.pub"],
  effects: [
    "a bare repository where there is none, waybill/state and waybill/decisions in it   exit 0",
    "what is there already stays as it is, so running it again changes nothing   exit 0",
  ],
  positionals: [{ name: "path", describe: "Repository, or where to make a bare one", optional: true }],
  options: {
    approver: { type: "string", placeholder: "name", describe: "First person of policy.json (default: your git name)" },
    key: { type: "string", placeholder: "file", describe: "Their SSH key (default: yours, else a new one)" },
    "tenant-id": { type: "string", placeholder: "id", describe: "Scope of the documents (default: a new id)" },
    "repo-id": { type: "string", placeholder: "id", describe: "Id of this repository (default: a new id)" },
  },
  writes: true,
  creates: true,
  needs: ["ground", "repository", "keys", "files", "acts", "asker"],
  result: "init-result.v1",
  async run({ ground, repository, keys, files, acts, asker }, args) {
    const { initResult } = await import("../../src/gate/init-result.ts");
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
    };
    return { ...(await initResult(ground, { keys, files }, acts.begin(asker.actor, "init"), asked)), exit: 0 };
  },
  screen: async (result) => (await import("../screens/init.ts")).initScreen(result),
});
