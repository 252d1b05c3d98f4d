import { describe, expect, it } from "vitest";
import type { Screen } from "../../../cli/screen.ts";
import { listScreen, showScreen, syncScreen } from "../../../cli/screens/gate.ts";
import type { GateProposal, GateShowResultV1, GateSyncResultV1, GateVerdict } from "../../../src/schema/types.gen.ts";

const NOW = new Date("2026-11-19T11:40:00Z");
const ID = "prop_9c3t6x1zk8vm";
const URL = "https://github.com/acme/notes/pull/128";
const SEEN = "f".repeat(64);

const waiting: GateVerdict = {
  colour: "red",
  head: "e".repeat(40),
  policy: "3".repeat(40),
  rules: [{ rule: "approvals", status: "wait", message: "0 of 1" }],
};
const green: GateVerdict = { ...waiting, colour: "green", rules: [] };

function proposal(over: Partial<GateProposal> = {}): GateProposal {
  return {
    id: ID,
    number: 128,
    url: URL,
    state: "open",
    kind: "channel",
    title: "Promote acme-notes 1.4.0 to stable",
    path: "channels/acme-notes/stable.json",
    requested_by: null,
    requested_at: "2026-11-19T09:38:02Z",
    reason: null,
    base: null,
    head: null,
    ...over,
  };
}

function nextOf(verdict: GateVerdict, over: Partial<GateProposal> = {}): readonly string[] | undefined {
  return shown(verdict, over).next;
}

function shown(verdict: GateVerdict, over: Partial<GateProposal> = {}, more: Partial<GateShowResultV1> = {}): Screen {
  const result: GateShowResultV1 = {
    schema: "gate-show-result.v1",
    proposal: proposal(over),
    verdict,
    decision: null,
    decision_sha256: SEEN,
    document: null,
    approvals: null,
    problem: null,
    changes: [],
    ...more,
  };
  return showScreen(result, NOW);
}

describe("gate show", () => {
  it("sends people to the pull request, where no key is needed", () => {
    expect(nextOf(waiting)).toEqual([URL]);
    expect(nextOf(green)).toEqual([`waybill gate merge ${ID}`, URL]);
  });

  it("says how to open a pull request that is missing", () => {
    const hints = ["The branch is pushed; open it: https://github.com/acme/notes/compare/x"];
    const missing = { compare_url: "https://github.com/acme/notes/compare/x", message: "not open yet", hints };
    expect(nextOf(waiting, { number: null, url: null, not_opened: missing })).toEqual(hints);
  });

  it("asks for a signature of what was seen, where there is no forge", () => {
    const bare = { number: null, url: null };
    expect(nextOf(waiting, bare)).toEqual([`waybill gate approve ${ID} --decision ${SEEN}`]);
    expect(nextOf(green, bare)).toEqual([`waybill gate merge ${ID}`]);
  });
});

describe("what an approver is shown", () => {
  it("is what changes, and whose key asked where that is another name", () => {
    const requested_by = { kind: "human", name: "alice", id: "git:x", verified: false } as const;
    const approvals = { needed: 1, counted: [], not_counted: [], approvers: ["bob"], requesters: ["mallory"] };
    const { blocks } = shown(
      waiting,
      { requested_by, reason: "freeze on Fridays" },
      {
        approvals: { ...approvals, requester_verified: true, self_approved: false },
        changes: [{ name: "people.alice.keys", now: "ssh-ed25519 AAAA", after: "ssh-ed25519 BBBB" }],
      },
    );
    const asked = blocks.find((block) => block.kind === "line" && block.label === "Asked by");
    expect(asked).toMatchObject({ parts: [`alice: "freeze on Fridays"`, "asked for by mallory"] });
    const [table] = blocks.filter((block) => block.kind === "table");
    expect(JSON.stringify(table)).toMatch(/people\.alice\.keys.*AAAA.*BBBB/);
  });
});

describe("gate list", () => {
  it("names pull requests by number for people, and proposals by id for pipes", () => {
    const schema = "gate-list-result.v1";
    const { blocks } = listScreen(
      {
        schema,
        policy: waiting.policy,
        decisions: waiting.policy,
        proposals: [{ proposal: proposal(), verdict: waiting, approvals: { counted: ["bob"], needed: 2 } }],
      },
      NOW,
    );
    const [table] = blocks;
    expect(table?.kind === "table" && table.rows[0]?.[0]).toEqual({ show: "#128", raw: ID });
    expect(table?.kind === "table" && table.rows[0]?.[3]).toMatchObject({ show: "approvals 1 of 2" });
  });
});

describe("the screen of gate sync", () => {
  const nothing: GateSyncResultV1 = {
    schema: "gate-sync-result.v1",
    planned: false,
    recorded: [],
    superseded: [],
    finished: [],
    open: [],
    alarms: [],
    unknown: [],
  };

  it("says what is wrong, and what could not be found out, to whoever ran it", () => {
    const alarms = [{ code: "gate.evidence.differs", proposal_id: ID, message: "it says something else" }];
    const unknown = [{ code: "gate.verdict.unknown", message: "no such key is here" }];
    expect(syncScreen({ ...nothing, alarms, unknown }).blocks.slice(1)).toEqual([
      { kind: "line", label: "Alarm", parts: ["it says something else"], tone: "refuse" },
      { kind: "line", label: "Unknown", parts: ["no such key is here"], tone: "wait" },
    ]);
    expect(syncScreen(nothing).blocks).toHaveLength(1);
  });

  it("says who approved what was recorded, and who vouches for it", () => {
    const decision = {
      commit: "e".repeat(40),
      merged_at: "2026-11-19T09:38:02Z",
      sha256: SEEN,
      grade: "attested",
      attestor: "gate-sync",
      approvers: ["bob"],
      self_approved: false,
      approved_by: [{ person: "bob", method: "review", id: "1004" }],
    } as const;
    const recorded = [{ proposal_id: ID, path: "policy.json", title: null, decision }];
    expect(syncScreen({ ...nothing, recorded }).blocks[1]).toMatchObject({
      parts: ["policy.json", ID, "grade attested by gate-sync, approved by bob"],
    });
  });
});
