import { describe, expect, it } from "vitest";
import { DECISIONS } from "../../../../../src/state/branches.ts";
import { acmeSettings as acme, decisionsRuleset as decisions } from "../../../../support/acme-settings.ts";
import { containing } from "../../../../support/examine.ts";

describe("rulesets on GitHub", () => {
  it("are made once, found by name, and put right where somebody changed them", async () => {
    const on = await acme();
    const alice = on.as("alice");
    expect(await alice.compare(decisions)).toEqual({ said: "missing" });
    expect(await alice.apply(decisions)).toEqual({ was: "missing" });
    expect(await alice.apply(decisions)).toEqual({ was: "same" });
    const [ruleset] = on.repo.features.rulesets;
    const changes: readonly (() => void)[] = [
      () => (ruleset!.enforcement = "evaluate"),
      () => (ruleset!.bypass = [{ actor_id: 5, actor_type: "RepositoryRole", bypass_mode: "always" }]),
      () => (ruleset!.include = ["refs/heads/other"]),
      () => (ruleset!.exclude = [`refs/heads/${DECISIONS}`]),
      () => (ruleset!.rules = ruleset!.rules.filter(({ type }) => type !== "deletion")),
      () =>
        (ruleset!.rules = ruleset!.rules.map((rule) =>
          rule.parameters === undefined
            ? rule
            : { ...rule, parameters: { ...rule.parameters, require_code_owner_review: false } },
        )),
    ];
    for (const change of changes) {
      change();
      expect(await alice.compare(decisions)).toEqual({ said: "different" });
      expect(await alice.apply(decisions)).toEqual({ was: "different" });
      expect(await alice.compare(decisions)).toEqual({ said: "same" });
    }
    expect(on.repo.features.rulesets).toHaveLength(1);
  });

  it("keep what somebody added to them, and are put right beside it", async () => {
    const on = await acme();
    const alice = on.as("alice");
    await alice.apply(decisions);
    const [ruleset] = on.repo.features.rulesets;
    const checks = { strict_required_status_checks_policy: true, required_status_checks: [{ context: "audit" }] };
    ruleset!.include = [...ruleset!.include, "refs/heads/main"];
    ruleset!.rules = [
      ...ruleset!.rules.map((rule) =>
        rule.parameters === undefined
          ? rule
          : { ...rule, parameters: { ...rule.parameters, required_approving_review_count: 3 } },
      ),
      { type: "required_status_checks", parameters: checks },
    ];
    expect(await alice.compare(decisions)).toEqual({ said: "same" });
    ruleset!.rules = ruleset!.rules.filter(({ type }) => type !== "deletion");
    expect(await alice.apply(decisions)).toEqual({ was: "different" });
    expect(ruleset!.include.toSorted()).toEqual(["refs/heads/main", `refs/heads/${DECISIONS}`]);
    const parametersOf = (kind: string) => ruleset!.rules.find(({ type }) => type === kind)?.parameters;
    expect(parametersOf("required_status_checks")).toMatchObject(checks);
    expect(parametersOf("pull_request")).toMatchObject({ required_approving_review_count: 3 });
    expect(await alice.compare(decisions)).toEqual({ said: "same" });
  });

  it("are the same although GitHub stored parameters of its own", async () => {
    const on = await acme();
    await on.as("alice").apply(decisions);
    const [ruleset] = on.repo.features.rulesets;
    ruleset!.rules = ruleset!.rules.map((rule) =>
      rule.parameters === undefined ? rule : { ...rule, parameters: { ...rule.parameters, required_reviewers: [] } },
    );
    expect(await on.as("alice").compare(decisions)).toEqual({ said: "same" });
  });

  it("need an administrator, and a plan that has them, in so many words", async () => {
    const on = await acme();
    for (const who of ["bob", "workflow"] as const) {
      expect(await on.as(who).apply(decisions)).toMatchObject({
        refused: [{ code: "forge.admin.missing", message: containing("acme/notes"), hints: [containing("--apply")] }],
      });
    }
    expect(on.repo.features.rulesets).toEqual([]);
    on.repo.private = true;
    expect(await on.as("alice").apply(decisions)).toMatchObject({ refused: [{ code: "forge.plan.missing" }] });
  });
});

describe("rulesets on GitHub when answers are lost", () => {
  it("are made once where GitHub did it and the answer was lost, and where another was first", async () => {
    for (const effect of [{ kind: "lose" }, { kind: "status-after", status: 502 }] as const) {
      const on = await acme();
      on.github.world.faults.add({ when: ({ operation }) => operation === "repos/create-repo-ruleset", effect });
      expect(await on.as("alice").apply(decisions)).toEqual({ was: "missing" });
      expect(on.repo.features.rulesets).toHaveLength(1);
    }
    const on = await acme();
    const both = [on.as("alice").apply(decisions), on.as("alice").apply(decisions)];
    expect(await Promise.all(both)).toEqual([{ was: "missing" }, { was: "missing" }]);
    expect(on.repo.features.rulesets).toHaveLength(1);
  });

  it("are not said to be made where GitHub did not do it", async () => {
    const on = await acme();
    const effect = { kind: "status", status: 502 } as const;
    on.github.world.faults.add({ when: ({ operation }) => operation === "repos/create-repo-ruleset", effect });
    await expect(on.as("alice").apply(decisions)).rejects.toMatchObject({ code: "forge.unavailable" });
    expect(await on.as("alice").apply(decisions)).toEqual({ was: "missing" });
  });

  it("are not taken for missing where GitHub asks to wait", async () => {
    const on = await acme();
    const limit = { kind: "status", status: 403, message: "API rate limit exceeded" } as const;
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9999999999" };
    on.github.world.faults.add({ when: () => true, effect: { ...limit, headers }, times: 99 });
    await expect(on.as("alice").rules(DECISIONS)).rejects.toMatchObject({ code: "forge.rate_limited" });
  });
});
