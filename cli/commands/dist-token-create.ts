import { defineCommand, listOf } from "../command.ts";

/** `dist token create`. */
export const distTokenCreate = defineCommand({
  path: "dist token create",
  group: "Set up",
  summary: "Make a token for CI; its text is shown once and never stored",
  examples: ["dist token create ci --scope releases:publish --scope channels:promote --app acme-notes --days 30"],
  positionals: [{ name: "name", describe: "What it is for, for people" }],
  options: {
    scope: {
      type: "string",
      array: true,
      describe: "What it may do, for example releases:publish",
      placeholder: "scope",
      demandOption: true,
    },
    app: { type: "string", array: true, describe: "Limit it to apps; none given is all", placeholder: "slug" },
    channel: { type: "string", array: true, describe: "Limit it to channels; none given is all", placeholder: "name" },
    days: { type: "number", describe: "Days until it expires (default 90)", placeholder: "n" },
  },
  writes: true,
  needs: ["ground", "acts", "asker", "entropy"],
  result: "dist-token-create-result.v1",
  async run({ ground, acts, asker, entropy }, args) {
    const { isRefused } = await import("../../src/kernel/errors.ts");
    const { parseScopes } = await import("../../src/access/scopes.ts");
    const { DEFAULT_DAYS } = await import("../../src/access/tokens.ts");
    const { createToken } = await import("../../src/distribution/tokens.ts");
    const scopes = parseScopes(listOf(args["scope"]));
    if (isRefused(scopes)) return scopes;
    const [apps, channels] = [listOf(args["app"]), listOf(args["channel"])];
    const dryRun = args["dry-run"] === true;
    const done = await createToken({ ground, acts, caller: asker, dryRun }, entropy, {
      name: String(args["name"]),
      scopes,
      apps: apps.length === 0 ? null : apps,
      channels: channels.length === 0 ? null : channels,
      days: typeof args["days"] === "number" ? args["days"] : DEFAULT_DAYS,
    });
    if (isRefused(done)) return done;
    const { token, raw, commit, warnings } = done;
    const result = {
      schema: "dist-token-create-result.v1",
      planned: dryRun,
      token,
      raw: dryRun ? null : raw,
      commit,
    } as const;
    return { result, exit: 0, warnings };
  },
  screen: async ({ planned, token, raw }) => ({
    blocks: [
      {
        kind: "line",
        label: planned ? "Planned" : "Created",
        parts: [token.name, token.id, token.scopes.join(", "), `expires ${token.expires_at.slice(0, 10)}`],
      },
      ...(raw === null
        ? []
        : [{ kind: "line", label: "Token", parts: [raw, "shown once; keep it as a secret"] } as const]),
    ],
    next: ['dist ci publish --token "$DIST_TOKEN" --manifest dist.json'],
  }),
});
