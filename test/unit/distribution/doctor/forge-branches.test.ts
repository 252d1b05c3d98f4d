import { describe, expect, it } from "vitest";
import type { DoctorCheck } from "../../../../src/distribution/doctor/check.ts";
import { codeownersErrors } from "../../../../src/distribution/doctor/codeowners-errors.ts";
import { decisionsBypass } from "../../../../src/distribution/doctor/decisions-bypass.ts";
import { decisionsChecks } from "../../../../src/distribution/doctor/decisions-checks.ts";
import { decisionsMergeMethods } from "../../../../src/distribution/doctor/decisions-merge-methods.ts";
import { decisionsProtection } from "../../../../src/distribution/doctor/decisions-protection.ts";
import { decisionsReview } from "../../../../src/distribution/doctor/decisions-review.ts";
import { patientOf } from "../../../../src/distribution/doctor/patient.ts";
import { proposalsProtection } from "../../../../src/distribution/doctor/proposals-protection.ts";
import { snapshotProtection } from "../../../../src/distribution/doctor/snapshot-protection.ts";
import { stateProtection } from "../../../../src/distribution/doctor/state-protection.ts";
import type { BranchRules, Bypass, ForgeSettings, PullRequestRule } from "../../../../src/ports/forge-settings.ts";
import type { Grade, PolicyV1 } from "../../../../src/schema/types.gen.ts";
import { DECISIONS, PROPOSALS, SNAPSHOT, STATE } from "../../../../src/state/branches.ts";
import { containing, examineBy } from "../../../support/examine.ts";
import { makeKey } from "../../../support/gate-world.ts";
import {
  healthyForge,
  kept,
  noPermission,
  noPlan,
  noRules,
  repositoryFact,
  strictReviews,
} from "../../../support/healthy-forge.ts";
import { makeRetentionWorld } from "../../../support/retention-world.ts";
import { makeWorld } from "../../../support/world.ts";

const APPLY = containing("waybill init --github --apply");

function found(check: DoctorCheck, forgeSettings: ForgeSettings) {
  return examineBy(check, makeWorld({ forgeSettings }));
}

/** One check where a branch has these rules. */
function ruled(check: DoctorCheck, branch: string, rules: Partial<BranchRules>) {
  return found(check, healthyForge({}, { [branch]: { said: { ...kept, ...rules } } }));
}

describe.each([
  [decisionsProtection, DECISIONS],
  [decisionsMergeMethods, DECISIONS],
  [decisionsChecks, DECISIONS],
  [decisionsBypass, DECISIONS],
  [stateProtection, STATE],
  [snapshotProtection, SNAPSHOT],
  [proposalsProtection, `${PROPOSALS}prop_0`],
])("$id", (check, branch) => {
  it("finds nothing wrong with a healthy repository, and is left out without a forge", async () => {
    expect(await found(check, healthyForge())).toEqual([]);
    expect(check.applies?.(patientOf(makeWorld(), false))).toBe(false);
  });

  it("is unknown where the token may not read rules, and warns where the plan has none", async () => {
    expect(await found(check, healthyForge({}, { [branch]: noPermission }))).toMatchObject([
      { status: "unknown", fix: containing("administrator") },
    ]);
    expect(await found(check, healthyForge({}, { [branch]: noPlan }))).toMatchObject([
      { status: "warn", fix: containing("repository.plan") },
    ]);
  });
});

describe("decisions.protection", () => {
  it("fails for direct pushes, force pushes and deletion, each with the command that puts it right", async () => {
    expect(await ruled(decisionsProtection, DECISIONS, noRules)).toMatchObject([
      { status: "fail", message: containing("accepts direct pushes"), fix: APPLY },
      { status: "fail", message: containing("accepts force pushes"), fix: APPLY },
      { status: "fail", message: containing("may be deleted"), fix: APPLY },
    ]);
  });

  it("is unknown where a classic protection is hidden from the token, which may have the rule", async () => {
    const hidden = "there is a classic protection too";
    const symptoms = await ruled(decisionsProtection, DECISIONS, { ...noRules, hidden });
    expect(symptoms.map(({ status }) => status)).toEqual(["unknown", "unknown", "unknown"]);
    expect(symptoms[0]?.message).toContain(hidden);
  });
});

describe("decisions.review", () => {
  const bob = { keys: [makeKey().publicKey] };

  /** The check in a repository of one person, or of two. */
  async function reviewed(people: 1 | 2, proof: Grade, rule: Partial<PullRequestRule> | null) {
    const world = await makeRetentionWorld((policy: PolicyV1) => {
      const all = people === 1 ? policy.people : { ...policy.people, bob };
      const governance = { approvers: Object.keys(all), requester_may_approve: people === 1, proof };
      return { people: all, governance: { ...policy.governance, ...governance } };
    });
    const pullRequest = rule && { ...strictReviews, ...rule };
    const forgeSettings = healthyForge({}, { [DECISIONS]: { said: { ...kept, pullRequest } } });
    return examineBy(decisionsReview, { ...world, forgeSettings });
  }

  it("finds nothing wrong with what init makes, for one person and for several, for reviews and for signatures", async () => {
    const alone = { approvals: 0, codeOwnerReview: false, lastPushApproval: false, dismissesStale: false };
    expect(await reviewed(2, "recorded", {})).toEqual([]);
    expect(await reviewed(1, "recorded", alone)).toEqual([]);
    expect(await reviewed(2, "signed", { lastPushApproval: false, dismissesStale: false })).toEqual([]);
  });

  it("warns by name of each review that is not asked for", async () => {
    const names = [
      "required_approving_review_count",
      "require_code_owner_review",
      "dismiss_stale_reviews_on_push",
      "require_last_push_approval",
    ];
    const expected = names.map((name) => ({ status: "warn", message: containing(name), fix: APPLY }));
    expect(await reviewed(2, "recorded", null)).toMatchObject(expected);
    expect(await reviewed(2, "recorded", { codeOwnerReview: false })).toMatchObject([expected[1]]);
  });

  it("warns where the only approver would be locked out, and where a signature drops the reviews before it", async () => {
    const lenient = { lastPushApproval: false, dismissesStale: false };
    expect(await reviewed(1, "recorded", lenient)).toMatchObject([{ message: containing("the only approver") }]);
    expect(await reviewed(2, "signed", { lastPushApproval: false })).toMatchObject([
      { status: "warn", fix: "Sign first, review last" },
    ]);
  });
});

describe("decisions.merge_methods", () => {
  it("fails where no decision can be merged, and for a queue", async () => {
    const broken: Partial<BranchRules> = {
      mergeQueue: true,
      linearHistory: true,
      pullRequest: { ...strictReviews, mergeMethods: ["squash"] },
    };
    const symptoms = await ruled(decisionsMergeMethods, DECISIONS, broken);
    expect(symptoms.map(({ status }) => status)).toEqual(["fail", "fail", "fail"]);
  });

  it("warns of other methods, also where no rule names any", async () => {
    for (const mergeMethods of [null, ["merge", "squash", "rebase"]]) {
      const pullRequest = { ...strictReviews, mergeMethods };
      expect(await ruled(decisionsMergeMethods, DECISIONS, { pullRequest })).toMatchObject([
        { status: "warn", message: containing("squash or rebase") },
      ]);
    }
  });

  it("fails where the repository allows no merge commits, and is unknown where it does not say", async () => {
    for (const [allowsMergeCommits, status] of [
      [false, "fail"],
      [null, "unknown"],
    ] as const) {
      const forge = healthyForge({ repository: async () => ({ ...repositoryFact, allowsMergeCommits }) });
      expect(await found(decisionsMergeMethods, forge)).toMatchObject([{ status, fix: containing("/settings") }]);
    }
  });
});

describe("decisions.checks", () => {
  it("fails for a required check that never runs there, and not for the verdict", async () => {
    const requiredChecks = ["waybill/verdict", "ci/test", "ci/test"];
    expect(await ruled(decisionsChecks, DECISIONS, { requiredChecks })).toMatchObject([
      { status: "fail", message: containing('"ci/test"') },
    ]);
  });
});

describe("decisions.bypass", () => {
  const one: Bypass = { who: "administrators", isAnyWorkflow: false, when: "always", rule: "ruleset x" };

  it("names each who may pass, and fails for workflows", async () => {
    const said = [one, { ...one, who: "every workflow", isAnyWorkflow: true, when: "pull_request" }] as const;
    expect(await ruled(decisionsBypass, DECISIONS, { bypass: { said } })).toMatchObject([
      { status: "warn", message: containing("administrators may bypass the ruleset x") },
      { status: "fail", message: containing("in pull requests") },
    ]);
  });

  it("is unknown where the token may not see who", async () => {
    expect(await ruled(decisionsBypass, DECISIONS, { bypass: noPermission })).toMatchObject([{ status: "unknown" }]);
  });
});

describe("state.protection", () => {
  it("fails for force pushes and deletion", async () => {
    expect(await ruled(stateProtection, STATE, noRules)).toMatchObject([
      { status: "fail", message: containing("accepts force pushes"), fix: APPLY },
      { status: "fail", message: containing("may be deleted"), fix: APPLY },
    ]);
  });

  it("fails for each rule that keeps the tool out, and warns where it must go through the API", async () => {
    const closed: Partial<BranchRules> = {
      pullRequest: strictReviews,
      restrictsPushes: true,
      requiredChecks: ["ci"],
      mergeQueue: true,
      signedCommits: true,
    };
    const symptoms = await ruled(stateProtection, STATE, closed);
    expect(symptoms.map(({ status }) => status)).toEqual(["fail", "fail", "fail", "fail", "warn"]);
  });
});

describe("snapshot.protection and proposals.protection", () => {
  it("warn of rules that keep a snapshot from being replaced", async () => {
    expect(await ruled(snapshotProtection, SNAPSHOT, {})).toMatchObject([
      { status: "warn", message: containing("Force pushes are refused") },
    ]);
  });

  it("fail where nothing can be proposed, and warn where nothing can be cleared away", async () => {
    const branch = `${PROPOSALS}prop_0`;
    const rules = { pullRequest: strictReviews, restrictsCreation: true };
    const symptoms = await ruled(proposalsProtection, branch, rules);
    expect(symptoms.map(({ status }) => status)).toEqual(["fail", "fail", "warn"]);
  });
});

describe("codeowners.errors", () => {
  it("finds nothing wrong, warns of each error, and fails without a file", async () => {
    const said = (errors: readonly string[] | null) =>
      found(codeownersErrors, healthyForge({ codeOwnersErrors: async () => ({ said: errors }) }));
    expect(await said([])).toEqual([]);
    expect(await said(["Unknown owner in line 2"])).toMatchObject([{ status: "warn", message: containing("line 2") }]);
    expect(await said(null)).toMatchObject([{ status: "fail" }]);
    const hidden = healthyForge({ codeOwnersErrors: async () => noPermission });
    expect(await found(codeownersErrors, hidden)).toMatchObject([{ status: "unknown" }]);
  });
});
