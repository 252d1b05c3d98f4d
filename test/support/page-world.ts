import { sha256Hex } from "../../src/kernel/digest.ts";
import { isOid, type Oid } from "../../src/kernel/oid.ts";
import { distributionDecisions } from "../../src/distribution/decisions.ts";
import { type Approvals, approvalsRow } from "../../src/gate/core/approvals.ts";
import type { Decision, Decisions } from "../../src/gate/core/decisions.ts";
import { headerOf } from "../../src/gate/core/header.ts";
import type { Subject } from "../../src/gate/core/judge.ts";
import { colourOf, type RuleResult, type Verdict } from "../../src/gate/core/verdict.ts";
import { decisionKindAt } from "../../src/gate/decision-kind.ts";
import { gateDecisions } from "../../src/gate/decisions.ts";
import type { OpenProposal } from "../../src/gate/review/open-proposal.ts";
import type { PresentOn } from "../../src/gate/page/present.ts";
import type { ChannelPointerV1, DocumentName, Documents, PolicyV1, YankV1 } from "../../src/schema/types.gen.ts";
import type { View } from "../../src/state/view.ts";
import { emptyPolicy } from "./policies.ts";
import { after, before, bytesOf, factsWith, releaseDocument, type StoryRelease } from "./story-facts.ts";

/** A commit id made of one digit. */
export function oid(digit: string): Oid {
  const text = digit.padEnd(40, digit.at(-1));
  if (!isOid(text)) throw new Error(`${text} is no commit`);
  return text;
}

const HEAD = oid("e7a9b350");
const DECISION_KINDS = [...gateDecisions, ...distributionDecisions];

const person = (id: number, login: string) => ({ github: { id, login }, keys: [] });

/** The policy of the story: stable is gated, strict, 2 of 3, soaks on beta for a day, and freezes at the week-end. */
export const storyPolicy: PolicyV1 = {
  ...emptyPolicy,
  people: { alice: person(1, "alice"), bob: person(2, "bob"), "release-manager": person(3, "rm") },
  governance: {
    approvers: ["alice", "bob", "release-manager"],
    min_approvals: 2,
    requester_may_approve: false,
    proof: "recorded",
  },
  defaults: {
    channels: { internal: { mode: "auto" }, beta: { mode: "auto" } },
    soak: { source: "beta", minutes: 1440 },
    freeze: [{ kind: "exclude", cron: "0 16 * * 5", minutes: 3840, tz: "Europe/Berlin" }],
  },
};

/** A pointer of the story. */
export function pointerOf(release: StoryRelease, more: Partial<ChannelPointerV1> = {}): ChannelPointerV1 {
  const document = releaseDocument(release);
  return {
    schema: "channel-pointer.v1",
    repo_id: "repo",
    proposal_id: "prop_9c3t6x1zk8vm",
    from: null,
    state_seen: { commit: oid("4"), seq: 7 },
    seen: { validation: { pending: 0, passed: 4, failed: 0, warning: 1, skipped: 0 }, source: null },
    requested_by: { kind: "human", name: "alice", id: "1", verified: false },
    requested_at: "2026-11-19T09:38:00Z",
    reason: "1.4 test plan done",
    app: "acme-notes",
    channel: "stable",
    kind: "promotion",
    release_id: document.id,
    version: document.version,
    build: document.build,
    release_digest: sha256Hex(bytesOf("release.v1", document)),
    rollout_percent: 100,
    ...more,
  };
}

/** A yank of the story. */
export function yankOfRelease(release: StoryRelease, more: Partial<YankV1> = {}): YankV1 {
  const { rollout_percent: _, kind: __, channel: ___, from: ____, ...rest } = pointerOf(release);
  return {
    ...rest,
    schema: "yank.v1",
    from: null,
    seen: { channels: [] },
    state_seen: { commit: oid("4"), seq: 7 },
    severity: "high",
    replacement: null,
    ...more,
  };
}

function decisionOf(path: string, document: Documents[DocumentName], mergedAt: string, id: string): Decision {
  return {
    path,
    proposalId: id,
    document,
    sha256: "c".repeat(64),
    commit: oid("3"),
    mergedAt,
    grade: "recorded",
    approvers: ["bob"],
    selfApproved: false,
    proof: null,
  };
}

/** An effective view made by hand, with pointers of gated channels in force, the newest of each channel first. */
export function decisionsWith(policy: PolicyV1, pointers: readonly (readonly [ChannelPointerV1, string])[]): Decisions {
  const all = pointers.map(([document, at]) =>
    decisionOf(`channels/${document.app}/${document.channel}.json`, document, at, document.proposal_id),
  );
  const root = decisionOf("policy.json", policy, "2026-01-01T00:00:00Z", policy.proposal_id);
  const find = (path: string) => (path === "policy.json" ? root : all.find((one) => one.path === path));
  return {
    root: oid("1"),
    tip: oid("2"),
    at: "2026-11-19T11:00:00Z",
    policy: { ...root, document: policy },
    find,
    list: (prefix) => all.filter(({ path }) => path.startsWith(prefix)),
    history: (path) => all.filter((one) => one.path === path),
    merged: [root, ...all.toReversed()],
    pending: [],
    dishonoured: [],
    isUsed: () => false,
    standing: () => undefined,
  };
}

/** What is shown: facts, decisions, and the document that is proposed. */
export interface Story {
  readonly facts: Promise<View>;
  readonly decisions: Decisions;
  readonly document: Documents[DocumentName];
  readonly path: string;
  readonly at?: string;
  readonly approvals?: Partial<Approvals>;
  readonly rules?: readonly RuleResult[];
}

/** Makes what the page is made from, with the rules of the decision's own kind. */
export async function proposalOf(
  story: Story,
): Promise<{ readonly on: PresentOn; readonly open: OpenProposal; readonly verdict: Verdict }> {
  const { document, path, decisions } = story;
  const kind = decisionKindAt(DECISION_KINDS, path)!;
  const requirement = kind.requirement(document, decisions);
  const approvals: Approvals = {
    counted: [],
    notCounted: [],
    requesters: ["alice"],
    requesterVerified: true,
    requesterProblem: null,
    own: [],
    byMerge: [],
    unknown: [],
    needed: requirement.minApprovals,
    reached: false,
    selfApproved: false,
    selfOnly: false,
    ...story.approvals,
  };
  const head = { head: HEAD, base: oid("2"), commits: [], changes: [] };
  const subject: Subject = {
    path,
    kind,
    document,
    bytes: bytesOf(kind.schema, document),
    sig: null,
    head,
    header: headerOf(document)!,
    approvals,
    requirement,
  };
  const at = story.at ?? "2026-11-19T11:40:00Z";
  const rules = story.rules ?? [
    ...kind.rules(document, decisions, at, { verified: true }),
    approvalsRow(approvals, requirement),
  ];
  const proposalId = subject.header.proposal_id;
  return {
    on: {
      decisionKinds: DECISION_KINDS,
      facts: await story.facts,
      decisions,
      forge: { name: "acme/notes", url: "https://github.com/acme/notes" },
    },
    open: {
      pull: null,
      judgement: { rules, decision: null, condition: null, pending: false, proposalId, subject, considered: null },
      proposal: {
        id: proposalId,
        number: 128,
        base: oid("2"),
        head: HEAD,
        state: "open",
        merge: null,
        url: null,
        foreign: false,
      },
    },
    verdict: { colour: colourOf(rules), head: HEAD, policyCommit: oid("3"), rules },
  };
}

/** The promotion of the story: stable goes from 1.3.2 to 1.4.0, which has been on beta since the day before. */
export function promotionStory(more: Partial<ChannelPointerV1> = {}, release: StoryRelease = after): Story {
  const was = pointerOf(before, { proposal_id: "prop_before" });
  const onBeta = pointerOf(release, {
    channel: "beta",
    requested_at: "2026-11-18T15:30:00Z",
    proposal_id: "prop_beta",
  });
  const document = pointerOf(release, {
    from: { proposal_id: "prop_before", release_id: was.release_id },
    seen: {
      validation: { pending: 0, passed: 4, failed: 0, warning: 1, skipped: 0 },
      source: { channel: "beta", since: "2026-11-18T15:30:00Z" },
    },
    ...more,
  });
  return {
    facts: factsWith([before, release], [onBeta]),
    decisions: decisionsWith(storyPolicy, [[was, "2026-10-27T10:12:44Z"]]),
    document,
    path: `channels/${document.app}/${document.channel}.json`,
  };
}

/** The rollback of the story, five days later. */
export function rollbackStory(): Story {
  const was = pointerOf(before, { proposal_id: "prop_before" });
  const now = pointerOf(after, {
    proposal_id: "prop_now",
    from: { proposal_id: "prop_before", release_id: was.release_id },
  });
  const document = pointerOf(before, {
    proposal_id: "prop_back",
    from: { proposal_id: "prop_now", release_id: now.release_id },
    kind: "rollback",
    reason: "it loses notes",
  });
  return {
    facts: factsWith([before, after]),
    decisions: decisionsWith(storyPolicy, [
      [now, "2026-11-19T16:00:00Z"],
      [was, "2026-10-27T10:12:44Z"],
    ]),
    document,
    path: "channels/acme-notes/stable.json",
  };
}
