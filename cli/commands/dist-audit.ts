import { defineCommand } from "../command.ts";

/** `dist audit`. */
export const distAudit = defineCommand({
  path: "dist audit",
  group: "Look and prove",
  summary: "See who did what, newest first",
  examples: ["dist audit --app acme-notes --limit 20", "dist audit --action channel.promoted --json"],
  options: {
    app: { type: "string", placeholder: "slug", describe: "Only this app" },
    action: { type: "string", placeholder: "name", describe: "Only this action, for example release.published" },
    actor: { type: "string", placeholder: "name", describe: "Only this actor, by name or id" },
    target: { type: "string", placeholder: "id", describe: "Only what was done to this" },
    limit: { type: "number", placeholder: "n", describe: "At most so many rows (default 100)" },
    after: { type: "string", placeholder: "cursor", describe: "Go on after the page that ended with this" },
  },
  needs: ["openSnapshot"],
  result: "dist-audit-result.v1",
  async run({ openSnapshot }, args) {
    const { answerFrom, pageOf, textOf } = await import("../reading.ts");
    const { listAudit } = await import("../../src/distribution/read/audit.ts");
    const asked = {
      ...pageOf(args),
      app: textOf(args, "app"),
      action: textOf(args, "action"),
      actor: textOf(args, "actor"),
      target: textOf(args, "target"),
    };
    return answerFrom(openSnapshot, (snapshot) => listAudit(snapshot, asked));
  },
  screen: async (result, now) => (await import("../screens/records.ts")).auditScreen(result, now),
});
