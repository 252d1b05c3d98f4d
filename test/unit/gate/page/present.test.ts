import { describe, expect, it } from "vitest";
import type { PolicyV1 } from "../../../../src/schema/types.gen.ts";
import { presentProposal } from "../../../../src/gate/page/present.ts";
import {
  decisionsWith,
  promotionStory,
  proposalOf,
  rollbackStory,
  type Story,
  storyPolicy,
  yankOfRelease,
} from "../../../support/page-world.ts";
import { after, before, factsWith } from "../../../support/story-facts.ts";

async function present(story: Story) {
  const { on, open, verdict } = await proposalOf(story);
  return presentProposal(on, open, verdict);
}

/** The part that people read before they open anything. */
function above(body: string): readonly string[] {
  return body.slice(0, body.indexOf("<details>")).trimEnd().split("\n");
}

const yankStory = (): Story => {
  const document = yankOfRelease(before, { replacement: "rel_1x4x0", reason: "loses notes while syncing" });
  return {
    facts: factsWith([before, after]),
    decisions: decisionsWith(storyPolicy, []),
    document,
    path: `gates/yank/${document.release_id}.json`,
  };
};

const policyStory = (
  change: Partial<PolicyV1["governance"]> = { min_approvals: 1, requester_may_approve: true },
  people: PolicyV1["people"] = storyPolicy.people,
): Story => ({
  facts: factsWith([]),
  decisions: decisionsWith(storyPolicy, []),
  document: {
    ...storyPolicy,
    people,
    proposal_id: "prop_policy",
    reason: "one is enough",
    governance: { ...storyPolicy.governance, ...change },
  },
  path: "policy.json",
});

const RUN = "[run 5521](https://github.com/acme/notes/actions/runs/5521)";
const [OLD, NEW] = [before.commit, after.commit];
const COMMIT = "https://github.com/acme/notes/commit";

describe("the page of a promotion", () => {
  it("says what moves, what is needed, which files, and how to undo it", async () => {
    const { page } = await present(promotionStory());
    expect(page.title).toBe("Promote acme-notes 1.4.0 (412) to stable");
    expect(page.labels).toEqual(["waybill:promotion"]);
    expect(page.reviewers).toEqual([2, 3]);
    expect(above(page.body)).toEqual([
      "<!-- waybill:proposal prop_9c3t6x1zk8vm -->",
      "Merging this moves **acme-notes / stable** from **1.3.2 (398)** to **1.4.0 (412)**. Nothing has moved yet.",
      "",
      "| | Now on `stable` | After the merge |",
      "|---|---|---|",
      "| Release | 1.3.2 (398), published 2026-10-27 | 1.4.0 (412), published 2026-11-18 |",
      `| Source | [\`9c41e02\`](${COMMIT}/${OLD}), built by ${RUN} | [\`e04b7c8\`](${COMMIT}/${NEW}), [commits since](https://github.com/acme/notes/compare/${OLD}...${NEW}), built by ${RUN} |`,
      "| Is on | `stable` since 2026-10-27 10:12 UTC | `beta` since 2026-11-18 15:30 UTC |",
      "",
      "**Asked by** `alice`: 1.4 test plan done",
      "**Needs** 2 approvals of this head by `bob`, `release-manager` (not `alice`, who asked); soak on beta until 2026-11-19 15:30 UTC; not in the 64 h after 0 16 \\* \\* 5 (cron, Europe/Berlin); a merge commit (a squash or rebase does not count). `waybill/verdict` below has the latest.",
      "",
      "| Platform | File | Size | SHA-256 | Validation | Signature |",
      "|---|---|--:|---|---|---|",
      "| ios | `AcmeNotes.ipa` | 41.2 MB | `ba278468c9f0` | **warning**: profile expires 2026-12-15 | present |",
      "| android_apk | `acme-notes.apk` | 18.0 MB | `c54f41cd0aca` | passed | signature_verified, signer as in 1.3.2 (398) |",
      "| linux x64 | `acme-notes_amd64.deb` | 62.7 MB | `86b54fcef9b6` | passed | - |",
      "| macos universal | `AcmeNotes-mac.zip` | 96.4 MB | `0e5742e4489f` | passed | stapled, signer as in 1.3.2 (398) |",
      "| windows x64 | `AcmeNotes-Setup.exe` | 84.1 MB | `3b566e187184` | passed | signature_verified, signer as in 1.3.2 (398) |",
      "",
      "**What changed** 1.4 · Offline search · Faster sync on metered networks · No crash at 10,000 lines ([all notes](https://github.com/acme/notes/releases/tag/acme-notes-v1.4.0-412))",
      "**If it must be undone** android_apk: stay: Android refuses a lower versionCode, publish 1.4.1 · ios: stay, reinstall by hand · linux: stay until told, apt install --allow-downgrades ./&lt;file of 1.3.2&gt; · macos: stay, replace the app by 1.3.2 · windows: stay, install 1.3.2 by hand",
    ]);
  });

  it("has commands, full digests and the decision file one click away", async () => {
    const story = promotionStory();
    const { body } = (await present(story)).page;
    const more = body.slice(body.indexOf("<details>"));
    expect(more).toContain("waybill gate show prop_9c3t6x1zk8vm --server acme/notes ");
    expect(more).toContain("dist artifact verify --release acme-notes@1.4.0+412 --server acme/notes ");
    expect(more).toContain(
      "| ios | `AcmeNotes.ipa` | `ba278468c9f0255458f4c7e2b1b923f6bf7ca7adec6b2904e7863abad35a7639` |",
    );
    expect(more).toMatch(/\| - \| the release document of 1\.4\.0 \(412\) \| `[0-9a-f]{64}` \|/);
    expect(more).toContain('  "proposal_id": "prop_9c3t6x1zk8vm",\n');
    expect(more).toContain("**What a rollback would do**");
  });

  it("is the same a while later, and another for another decision", async () => {
    const [one, again] = [
      await present(promotionStory()),
      await present({ ...promotionStory(), at: "2026-11-19T12:17:31Z" }),
    ];
    expect(again).toEqual(one);
    expect((await present(promotionStory({ reason: "hotfix" }))).page.body).not.toBe(one.page.body);
  });

  it("names another signer, and a file that failed", async () => {
    const files = (after.files ?? before.files ?? []).map((file) =>
      file.platform === "macos"
        ? { ...file, signer: "dd".repeat(32) }
        : { ...file, status: "failed" as const, finding: "signature does not match" },
    );
    const { body } = (await present(promotionStory({}, { ...after, files }))).page;
    expect(body).toContain("stapled, **another signer than 1.3.2 (398)**");
    expect(body).toContain("**failed**: signature does not match");
  });

  it("says of a first release that nothing was there, and of a staged one whom it reaches", async () => {
    const story = promotionStory({ from: null, rollout_percent: 10 });
    const { body } = (await present({ ...story, decisions: decisionsWith(storyPolicy, []) })).page;
    expect(above(body)[1]).toBe(
      "Merging this points **acme-notes / stable** at its first release, **1.4.0 (412)** for 10 % of clients. Nothing has moved yet.",
    );
    expect(body).toContain("| Reach | - | 10 % of clients |");
  });

  it("says that a merge would change nothing where a rule refuses it", async () => {
    const rules = [
      { rule: "validation", status: "refuse", message: "1 failed; strict refuses failed and pending" },
    ] as const;
    const { page, status } = await present({ ...promotionStory(), rules });
    expect(above(page.body).slice(1, 3)).toEqual([
      "Merging this as it is would change nothing. What it asks: it moves **acme-notes / stable** from **1.3.2 (398)** to **1.4.0 (412)**. Nothing has moved yet.",
      "**Refused, validation**: 1 failed; strict refuses failed and pending",
    ]);
    expect(status).toEqual({
      state: "failure",
      description: "Refused: validation. 1 failed; strict refuses failed and pending",
    });
  });

  it("asks for signatures, and for one approval more where nobody vouches for who asked", async () => {
    const signed = { ...storyPolicy, governance: { ...storyPolicy.governance, proof: "signed" as const } };
    const approvals = { needed: 3, requesters: [], requesterProblem: "the request is signed by nobody in policy.json" };
    const { body } = (await present({ ...promotionStory(), decisions: decisionsWith(signed, []), approvals })).page;
    expect(body).toContain(
      "**Needs** 3 signatures of this head by `alice`, `bob`, `release-manager` (2 and one more, because the request is signed by nobody in policy.json); a review here does not count, this signs: `waybill gate approve prop_9c3t6x1zk8vm --server acme/notes`;",
    );
  });

  it("says so, and stays readable, where the facts are not those of the decision", async () => {
    const story = { ...promotionStory(), facts: factsWith([before]) };
    const { page } = await present(story);
    expect(page.body).toContain(
      "Merging this decides: **Promote acme-notes 1.4.0 (412) to stable**. Nothing has changed yet.",
    );
    expect(page.body).toContain(
      "What it names of facts cannot be read: The document of acme-notes 1.4.0 (412) is not the one",
    );
    expect(page.body).toContain("**Needs** 2 approvals of this head by");
  });

  it("says what stops a branch that holds no decision", async () => {
    const { on, open, verdict } = await proposalOf(promotionStory());
    const rules = [{ rule: "shape", status: "refuse", message: "changes policy.json, too" }] as const;
    const judgement = { ...open.judgement, rules, subject: null };
    const { page, status } = await presentProposal(on, { ...open, judgement }, { ...verdict, colour: "red", rules });
    expect(page.title).toBe("Proposal prop_9c3t6x1zk8vm");
    expect(page.body).toContain("Merging this would change nothing");
    expect(page.body).toContain("shape: changes policy.json, too");
    expect(page.reviewers).toEqual([]);
    expect(status.description).toBe("Refused: shape. changes policy.json, too");
  });
});

describe("the page of a rollback", () => {
  it("says first what clients do that already updated", async () => {
    const { page } = await present(rollbackStory());
    expect(page.labels).toEqual(["waybill:rollback"]);
    expect(above(page.body)[1]).toBe(
      "Merging this moves **acme-notes / stable** back from **1.4.0 (412)** to **1.3.2 (398)**. Nothing has moved yet.",
    );
    expect(page.body).toContain(
      "**Clients already on 1.4.0 (412)** android_apk: stay: Android refuses a lower versionCode, publish 1.4.1 · ",
    );
    expect(page.body).toContain("**If it must be undone** promote 1.4.0 (412) again; that ends the hold, too");
    expect(page.body).not.toContain("soak on beta");
  });
});

describe("the page of a yank", () => {
  it("says what is withdrawn, where it is, and what to use instead", async () => {
    const { page } = await present(yankStory());
    expect(page.labels).toEqual(["waybill:yank"]);
    expect(above(page.body).slice(1, 9)).toEqual([
      "Merging this withdraws **acme-notes 1.3.2 (398)**: it leaves feeds and pages, and keeps its bytes. Nothing has changed yet.",
      "",
      "| | Now | After the merge |",
      "|---|---|---|",
      "| Release | 1.3.2 (398), published 2026-10-27 | withdrawn, severity high |",
      `| Source | [\`9c41e02\`](${COMMIT}/${OLD}), built by ${RUN} | the same |`,
      "| Is on | no channel | - |",
      "| Instead | - | use 1.4.0 (412) |",
    ]);
    expect(page.body).toContain("**Asked by** `alice`: loses notes while syncing");
  });
});

describe("the page of a policy", () => {
  it("lists each setting that changes, and warns where one person decides alone", async () => {
    const { page } = await present(policyStory());
    expect(page.labels).toEqual(["waybill:policy"]);
    expect(above(page.body).slice(1, 7)).toEqual([
      "Merging this changes **the policy**: who may say yes, and to what. After it, one person alone can change the policy. Nothing has changed yet.",
      "",
      "| | Policy now | After the merge |",
      "|---|---|---|",
      "| governance.min_approvals | `2` | `1` |",
      "| governance.requester_may_approve | `false` | `true` |",
    ]);
  });

  it("says whose merge is an approval, where nobody else may give one", async () => {
    const { body } = (await present({ ...policyStory(), approvals: { byMerge: ["alice"] } })).page;
    expect(body).toContain("(not `alice`, who asked); a merge by `alice` counts as that approval; a merge commit");
  });

  it("names its change the same whatever the order of members", async () => {
    const carol = { github: { id: 9, login: "carol" }, keys: [] };
    const { page } = await present(policyStory({ min_approvals: 1 }, { ...storyPolicy.people, carol }));
    expect(page.title).toBe("Change policy: governance, people");
    expect(page.body).toContain("| people.carol.github.id | - | `9` |");
    expect(page.body).toContain("| people.carol.keys | - | `none` |");
  });

  it("says nothing of one person where two must agree", async () => {
    const { page } = await present(policyStory({ proof: "signed" }));
    expect(above(page.body)[1]).toBe(
      "Merging this changes **the policy**: who may say yes, and to what. Nothing has changed yet.",
    );
    expect(page.body).toContain("| governance.proof | `recorded` | `signed` |");
  });
});
