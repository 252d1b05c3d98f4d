import { onTestFinished } from "vitest";
import { githubClient } from "../../src/platform/github/client.ts";
import { githubSettings } from "../../src/platform/github/settings.ts";
import type { ForgeSettings, Ruleset } from "../../src/ports/forge-settings.ts";
import { DECISIONS } from "../../src/state/branches.ts";
import { type Acme, startAcme } from "../github/acme.ts";
import { clockAt } from "./world.ts";

/** What several people who approve by review want for the decisions. */
export const decisionsRuleset: Ruleset = {
  name: "waybill decisions",
  branch: DECISIONS,
  refusesForcePush: true,
  refusesDeletion: true,
  pullRequest: {
    approvals: 1,
    codeOwnerReview: true,
    lastPushApproval: true,
    dismissesStale: true,
    mergeMethods: ["merge"],
  },
};

/** The stand-in, and its settings as people and as a workflow see them. */
export async function acmeSettings(): Promise<Acme & { readonly as: (who: keyof Acme["tokens"]) => ForgeSettings }> {
  const made = await startAcme();
  onTestFinished(() => made.github.stop());
  const { apiUrl, serverUrl } = made.github;
  const at = { owner: "acme", repo: "notes", apiUrl, serverUrl };
  const as = (who: keyof Acme["tokens"]) =>
    githubSettings(githubClient({ at, token: made.tokens[who], clock: clockAt() }));
  return { ...made, as };
}
