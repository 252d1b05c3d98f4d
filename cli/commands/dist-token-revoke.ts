import { defineCommand } from "../command.ts";

/** `dist token revoke`. */
export const distTokenRevoke = defineCommand({
  path: "dist token revoke",
  group: "Set up",
  summary: "Revoke a token; it stops working at once",
  examples: ["dist token revoke tok_6v2m9qk4t8xz --yes"],
  positionals: [{ name: "id", describe: "Its id, as `dist token list` prints it" }],
  options: { yes: { type: "boolean", describe: "Do not ask" } },
  writes: true,
  needs: ["ground", "acts", "asker", "prompt"],
  result: "dist-token-revoke-result.v1",
  async run({ ground, acts, asker, prompt }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { revokeToken } = await import("../../src/distribution/tokens.ts");
    const desk = { ground, acts, caller: asker };
    const dryRun = args["dry-run"] === true;
    const planned = await revokeToken({ ...desk, dryRun: true }, String(args["id"]));
    if (isRefused(planned)) return planned;
    if (!dryRun && planned.changed) {
      const { confirm } = await import("../prompt.ts");
      const { printable } = await import("../../src/kernel/text.ts");
      const name = printable(planned.token.name, 60);
      await confirm(
        prompt,
        args,
        `Whoever uses the token ${name} is refused from now on`,
        `Revoke ${planned.token.id}?`,
      );
    }
    const done = dryRun ? planned : await revokeToken({ ...desk, dryRun: false }, String(args["id"]));
    if (isRefused(done)) return done;
    const { token, changed, commit, warnings } = done;
    const { id, name, revoked_at } = token;
    const at = revoked_at ?? token.expires_at;
    return {
      result: {
        schema: "dist-token-revoke-result.v1",
        planned: dryRun,
        token_id: id,
        name,
        changed,
        revoked_at: at,
        commit,
      },
      exit: 0,
      warnings,
    };
  },
  screen: async ({ planned, changed, token_id, name }) => ({
    blocks: [{ kind: "line", label: planned ? "Planned" : changed ? "Revoked" : "Unchanged", parts: [name, token_id] }],
    next: ["dist token list"],
  }),
});
