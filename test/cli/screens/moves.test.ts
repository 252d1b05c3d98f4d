import { describe, expect, it } from "vitest";
import { promoteScreen, rollbackScreen } from "../../../cli/screens/moves.ts";
import type { Block, Screen } from "../../../cli/screen.ts";
import type { DistReleasePromoteResultV1, DistReleaseRollbackResultV1 } from "../../../src/schema/types.gen.ts";

const NOW = new Date("2026-11-19T11:40:00Z");
const ID = "prop_9c3t6x1zk8vm";
const URL = "https://github.com/acme/notes/pull/128";
const COMPARE = `https://github.com/acme/notes/compare/waybill/decisions...waybill/proposal/${ID}?expand=1`;

function promotion(over: Partial<DistReleasePromoteResultV1> = {}): DistReleasePromoteResultV1 {
  return {
    schema: "dist-release-promote-result.v1",
    planned: false,
    app: "acme-notes",
    channel: "stable",
    mode: "gated",
    status: "proposed",
    from: { release_id: "rel_2h8n5c1wj7pd", version: "1.3.2", build: "398" },
    to: { release_id: "rel_6v2m9qk4t8xz", version: "1.4.0", build: "412" },
    rollout_percent: 100,
    proposal: { id: ID, number: 128, url: URL, open_since: "2026-11-19T09:38:02Z" },
    verdict: { colour: "red", rules: [{ rule: "approvals", status: "wait", message: "0 of 2" }] },
    commit: null,
    ...over,
  };
}

function linesOf({ blocks }: Screen): readonly string[] {
  return blocks.flatMap((block: Block) =>
    block.kind === "line" ? [`${block.label}|${block.parts.filter((part) => part !== "").join("|")}`] : [],
  );
}

describe("a promotion on GitHub", () => {
  it("names the pull request, and sends people to it", () => {
    const screen = promoteScreen(promotion(), NOW);
    expect(linesOf(screen).slice(0, 2)).toEqual([
      `Proposed|acme-notes/stable|1.3.2 (398) → 1.4.0 (412)|${ID}|#128`,
      "|stable is gated and has not moved; it moves when #128 is merged",
    ]);
    expect(screen.next).toEqual([URL]);
    expect(linesOf(promoteScreen(promotion({ status: "waiting" }), NOW))[0]).toBe(
      `Waiting|acme-notes/stable|1.3.2 (398) → 1.4.0 (412)|${ID}|#128, open for 2 h; nothing new was written`,
    );
  });

  it("says how a person opens the pull request that the token may not open, and suggests no merge", () => {
    const hints = [`The branch is pushed; open it: ${COMPARE}`, "For good: Settings > Actions > General"];
    const notOpened = { compare_url: COMPARE, message: "GitHub Actions may not open pull requests", hints };
    const proposal = { id: ID, number: null, url: null, not_opened: notOpened, open_since: "2026-11-19T09:38:02Z" };
    const screen = promoteScreen(promotion({ proposal }), NOW);
    expect(screen.next).toEqual(hints);
    expect(linesOf(screen)[1]).toBe(`|stable is gated and has not moved; it moves when ${ID} is merged`);
  });
});

describe("a rollback", () => {
  it("says that automation is held only once the channel moved", () => {
    const { rollout_percent: _, ...moved } = promotion();
    const back = (status: DistReleaseRollbackResultV1["status"]): DistReleaseRollbackResultV1 => ({
      ...moved,
      schema: "dist-release-rollback-result.v1",
      from: { release_id: "rel_6v2m9qk4t8xz", version: "1.4.0", build: "412" },
      to: { release_id: "rel_2h8n5c1wj7pd", version: "1.3.2", build: "398" },
      to_was_on: { since: "2026-10-27T10:12:44Z", until: "2026-11-18T14:02:00Z" },
      consequences: [],
      status,
    });
    const noteOf = (status: DistReleaseRollbackResultV1["status"]) => linesOf(rollbackScreen(back(status), NOW))[1];
    expect(noteOf("proposed")).toBe(
      "Note|how many clients have it is not known; automation will be held until a person promotes",
    );
    expect(noteOf("rolled_back")).toContain("automation is held until a person promotes");
  });
});
