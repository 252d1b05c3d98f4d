import { describe, expect, it } from "vitest";
import { githubClient } from "../../../../../src/platform/github/client.ts";
import { githubSettings } from "../../../../../src/platform/github/settings.ts";
import { DECISIONS } from "../../../../../src/state/branches.ts";
import { containing } from "../../../../support/examine.ts";
import { type Answer, loopback } from "../../../../support/loopback.ts";
import { clockAt } from "../../../../support/world.ts";

describe("classic protection", () => {
  const off = { enabled: false };

  /** Rules of a branch whose classic protection answers so. */
  async function rulesOf(protection: Answer, branch: object = { protected: true, protection: { enabled: true } }) {
    const server = await loopback(({ url }) => {
      if (url.includes("/rules/branches/")) return { status: 200, body: [] };
      return url.endsWith("/protection") ? protection : { status: 200, body: branch };
    });
    const at = { owner: "acme", repo: "notes", apiUrl: server.origin, serverUrl: server.origin };
    return githubSettings(githubClient({ at, token: "t", clock: clockAt() })).rules(DECISIONS);
  }

  it("counts as rules, and names whom it lets pass", async () => {
    const body = {
      enforce_admins: off,
      allow_force_pushes: off,
      allow_deletions: { enabled: true },
      required_linear_history: { enabled: true },
      required_status_checks: { contexts: ["ci"] },
      required_pull_request_reviews: {
        dismiss_stale_reviews: true,
        require_code_owner_reviews: true,
        required_approving_review_count: 2,
        bypass_pull_request_allowances: {
          users: [{ login: "mallory" }],
          teams: [],
          apps: [{ slug: "github-actions" }],
        },
      },
    };
    expect(await rulesOf({ status: 200, body })).toMatchObject({
      said: {
        pullRequest: { approvals: 2, codeOwnerReview: true, dismissesStale: true, mergeMethods: null },
        refusesForcePush: true,
        refusesDeletion: false,
        linearHistory: true,
        requiredChecks: ["ci"],
        bypass: {
          said: [
            { who: "administrators", isAnyWorkflow: false },
            { who: "@mallory", isAnyWorkflow: false },
            { isAnyWorkflow: true, rule: "classic protection" },
          ],
        },
        hidden: null,
      },
    });
  });

  it("is said to be hidden where only administrators may read it", async () => {
    for (const status of [403, 404]) {
      const rules = await rulesOf({ status, body: { message: "Not Found" } });
      expect(rules).toMatchObject({ said: { pullRequest: null, hidden: containing("classic protection") } });
    }
  });

  it("is none where GitHub says so", async () => {
    const none = { said: { refusesForcePush: false, hidden: null } };
    expect(await rulesOf({ status: 404, body: { message: "Branch not protected" } })).toMatchObject(none);
    expect(await rulesOf("cut", { protected: true, protection: { enabled: false } })).toMatchObject(none);
  });
});
