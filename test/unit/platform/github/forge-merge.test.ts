import { describe, expect, it } from "vitest";
import { pushFiles, send } from "../../../github/people.ts";
import { ACT, all, oidOf, proposing, pushProposal } from "../../../support/github-forge.ts";

const REPO = "/repos/acme/notes";

describe("merging a proposal on GitHub", () => {
  it("makes a merge commit of exactly the head, and finds it when asked again", async () => {
    const { acme, forge, opened, head, base } = await proposing();
    const proposal = await opened();
    const merged = await forge.merge(proposal, head, "Promote acme-notes 1.4.0 to stable", ACT);
    const tip = await acme.repo.ref("refs/heads/waybill/decisions");
    expect(merged).toEqual({ commit: tip });
    expect(await acme.repo.git(["log", "-1", "--format=%P%n%s%n%b", tip ?? ""])).toBe(
      `${base} ${head}\nPromote acme-notes 1.4.0 to stable\nWaybill-Operation: ${ACT.operation}\nWaybill-Request: req_1`,
    );
    expect(await forge.merge(proposal, head, "again", ACT)).toEqual(merged);
    expect(await forge.find("prop_one")).toMatchObject({ state: "merged", merge: tip, head });
    expect(await all(forge.list("merged"))).toMatchObject([{ id: "prop_one", merge: tip }]);
    expect(await all(forge.list("open"))).toEqual([]);
  });

  it("refuses another head than was judged", async () => {
    const { acme, forge, opened, head } = await proposing();
    const proposal = await opened();
    const moved = oidOf(await pushProposal(acme, "prop_one", "two"));
    expect(await forge.merge(proposal, head, "x", ACT)).toMatchObject({ refused: [{ code: "state.push.conflict" }] });
    expect(await forge.find("prop_one")).toMatchObject({ state: "open", head: moved });
  });

  it("refuses what conflicts, what GitHub's rules refuse, and what is closed", async () => {
    const { acme, forge, opened, head } = await proposing();
    const { github, repo, people } = acme;
    const proposal = await opened();
    const rule = {
      type: "pull_request",
      parameters: {
        required_approving_review_count: 1,
        require_code_owner_review: false,
        require_last_push_approval: false,
        dismiss_stale_reviews_on_push: false,
        required_review_thread_resolution: false,
      },
    };
    const ruleset = {
      name: "decisions",
      target: "branch",
      enforcement: "active",
      conditions: { ref_name: { include: ["refs/heads/waybill/decisions"], exclude: [] } },
      rules: [rule],
    };
    const made = await send(github, people.alice, "POST", `${REPO}/rulesets`, ruleset);
    expect(made.status, made.text).toBe(201);
    expect(await forge.merge(proposal, head, "x", ACT)).toMatchObject({ refused: [{ code: "gate.merge.refused" }] });
    await send(github, people.alice, "DELETE", `${REPO}/rulesets/${String(made.fields["id"])}`);
    await pushFiles(github, repo, "waybill/decisions", people.alice, { "channels/acme-notes/stable.json": "other\n" });
    const conflict = await forge.merge(proposal, head, "x", ACT);
    expect(conflict).toMatchObject({ refused: [{ code: "state.push.conflict" }] });
    await forge.close(proposal);
    expect(await forge.merge(proposal, head, "x", ACT)).toMatchObject({ refused: [{ code: "gate.merge.refused" }] });
  });
});
