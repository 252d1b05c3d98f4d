import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Acme, startAcme } from "./acme.ts";
import { ACME_REPO, acmeApi, moveAs, pushFiles, send } from "./people.ts";

let acme: Acme;
beforeEach(async () => {
  acme = await startAcme();
});
afterEach(() => acme.github.stop());

const api = acmeApi(() => acme);

describe("rulesets of the stand-in", () => {
  const BODY = {
    name: "decisions",
    target: "branch",
    enforcement: "active",
    conditions: { ref_name: { include: ["refs/heads/waybill/*"], exclude: [] } },
    rules: [{ type: "deletion" }, { type: "non_fast_forward" }],
  };

  it("refuse deletions and forced pushes, and pushes where a pull request is wanted", async () => {
    const made = await api("POST", "/rulesets", BODY);
    expect(made.status, made.text).toBe(201);
    const { github, repo, people } = acme;
    const first = await pushFiles(github, repo, "waybill/decisions", people.bob, { "policy.json": "{}" });
    const second = await pushFiles(github, repo, "waybill/decisions", people.bob, { "policy.json": "[]" });
    const ref = "refs/heads/waybill/decisions";
    await expect(moveAs(github, repo, people.alice, ref, second, null)).rejects.toThrow("Cannot delete this branch");
    await expect(moveAs(github, repo, people.alice, ref, second, first)).rejects.toThrow("Cannot force-push");
    const rule = {
      type: "pull_request",
      parameters: {
        required_approving_review_count: 1,
        require_code_owner_review: true,
        require_last_push_approval: false,
        dismiss_stale_reviews_on_push: true,
        required_review_thread_resolution: false,
        allowed_merge_methods: ["merge"],
      },
    };
    const id = String(made.fields["id"]);
    expect((await api("PUT", `/rulesets/${id}`, { rules: [rule] })).status).toBe(200);
    await expect(pushFiles(github, repo, "waybill/decisions", people.bob, { x: "y" })).rejects.toThrow(
      "through a pull request",
    );
    expect((await api("GET", "/rules/branches/waybill/decisions")).body).toMatchObject([
      { type: "pull_request", ruleset_id: Number(id) },
    ]);
    expect((await api("GET", "/rules/branches/main")).body).toEqual([]);
    expect((await api("GET", "/branches/main/protection")).text).toContain("Branch not protected");
  });

  it("tell bypass actors to admins only, and let them pass", async () => {
    const actor = { actor_id: 15_368, actor_type: "Integration", bypass_mode: "always" };
    const made = await api("POST", "/rulesets", { ...BODY, rules: [{ type: "update" }], bypass_actors: [actor] });
    const path = `/rulesets/${String(made.fields["id"])}`;
    expect((await api("GET", path)).fields).toMatchObject({ bypass_actors: [actor], current_user_can_bypass: "never" });
    expect((await api("GET", path, undefined, acme.people.bob)).fields["bypass_actors"]).toBeUndefined();
    const { github, repo, people } = acme;
    await pushFiles(github, repo, "waybill/state", people.bob, { a: "1" });
    await expect(pushFiles(github, repo, "waybill/state", people.bob, { a: "2" })).rejects.toThrow("Cannot update");
    await pushFiles(github, repo, "waybill/state", github.world.account("github-actions[bot]")!, { a: "2" });
    expect((await api("GET", "/rulesets")).body).toMatchObject([{ name: "decisions", enforcement: "active" }]);
    expect((await api("POST", "/rulesets", BODY, people.bob)).status).toBe(403);
    expect((await api("DELETE", path)).status).toBe(204);
  });

  it("are not there for a private repository of a free plan", async () => {
    acme.repo.private = true;
    expect(await api("GET", "/rulesets")).toMatchObject({ status: 403 });
    acme.repo.features.settings.plan = "team";
    expect(await api("GET", "/rulesets")).toMatchObject({ status: 200 });
    expect((await send(acme.github, null, "GET", `${ACME_REPO}/rulesets`)).status).toBe(404);
  });
});
