import { describe, expect, it } from "vitest";
import type { Unhonoured } from "../../../../src/gate/core/decisions.ts";
import {
  notHonouredComment,
  pendingComment,
  supersededComment,
  supersededStatus,
} from "../../../../src/gate/page/comments.ts";
import { decisionsWith, oid, pointerOf, promotionStory, proposalOf, storyPolicy } from "../../../support/page-world.ts";
import { after, before } from "../../../support/story-facts.ts";

const PATH = "channels/acme-notes/stable.json";
const merge: Unhonoured = {
  commit: oid("a91f33c0"),
  at: "2026-11-16T10:00:00Z",
  paths: [PATH],
  proposalId: "prop_9c3t6x1zk8vm",
  condition: "approvals",
  message: "approvals: 1 of 2: bob",
};

describe("a comment", () => {
  it("tells a proposal that lost who won, and how to repeat it", async () => {
    const { on, open } = await proposalOf(promotionStory());
    const was = pointerOf(before, { proposal_id: "prop_before" });
    const winner = pointerOf({ ...after, version: "1.3.3", build: "405" }, { proposal_id: "prop_winner" });
    const decisions = decisionsWith(storyPolicy, [
      [winner, "2026-11-19T11:00:00Z"],
      [was, "2026-10-27T10:12:44Z"],
    ]);
    const comment = supersededComment({ ...on, decisions }, open.judgement.subject!, {
      id: "prop_winner",
      number: 131,
    });
    expect(comment).toEqual({
      event: "superseded",
      text: "#131 was merged first, so acme-notes stable is now 1.3.3 (405). This proposal was made from 1.3.2 (398) and cannot apply; its approvals do not carry over. Propose it again: `dist release promote acme-notes@1.4.0+412 --channel stable`",
    });
    const unnumbered = supersededComment({ ...on, decisions }, open.judgement.subject!, {
      id: "prop_winner",
      number: null,
    });
    expect(unnumbered.text).toMatch(/^`prop_winner` was merged first, /);
    expect(supersededStatus({ number: 131 })).toEqual({
      state: "failure",
      description: "Superseded by #131; the last comment says how to repeat",
    });
  });

  it("tells a merge that was not honoured what everyone keeps", async () => {
    const { on } = await proposalOf(promotionStory());
    expect(notHonouredComment(on, merge, pointerOf(after)).text).toBe(
      "This merge did not change acme-notes stable: approvals: 1 of 2: bob. Everyone keeps 1.3.2 (398). Check it: `waybill state verify`. Propose it again: `dist release promote acme-notes@1.4.0+412 --channel stable`",
    );
    expect(notHonouredComment(on, merge, null).text).toContain("Propose it again.");
    const hostile = { ...merge, message: "@bob <b> #1" };
    expect(notHonouredComment(on, hostile, null).text).toContain("`@bob` &lt;b&gt; `#1`");
  });

  it("tells a merge without its proof what it waits for", async () => {
    const { on } = await proposalOf(promotionStory());
    expect(pendingComment(on, merge, 128)).toEqual({
      event: "pending",
      text: "#128 is merged, its proof is not recorded yet. Everyone keeps 1.3.2 (398) until `waybill gate sync` has run.",
    });
    const first = { ...on, decisions: decisionsWith(storyPolicy, []) };
    expect(pendingComment(first, merge, 128).text).toContain("What was before stays in force until");
  });
});
