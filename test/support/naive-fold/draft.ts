import type { InForce, NaiveView } from "./history.ts";
import { policyBody } from "./policy-plan.ts";
import { channelOf } from "./policy.ts";
import { kindOfMove, policyOf } from "./rules.ts";
import type { Step, What } from "./steps.ts";

/** What a drafted decision stands on. */
export interface DraftOn {
  readonly view: NaiveView;
  readonly id: string;
  /** An id that was used before. */
  readonly usedId: string;
  /** The id of a dishonoured decision at the tip. */
  standing(path: string): string | undefined;
  /** When it will be merged. */
  readonly seconds: number;
}

/** RFC 3339 of seconds. */
export function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** The release of a number: id and version. */
function releaseOf(number: number) {
  return {
    release_id: `rel_${number}`,
    version: `1.${number}.0`,
    build: null,
    release_digest: String(number).repeat(64),
  };
}

/** The path that a step's decision belongs at. */
export function pathOfWhat(what: What): string {
  if (what.kind === "policy") return "policy.json";
  if (what.kind === "principals") return "config/principals.json";
  if (what.kind === "rewrite") return `gates/rewrite/${what.from.repeat(40)}.json`;
  if (what.kind === "yank") return `gates/yank/rel_${what.release}.json`;
  return `channels/notes/${what.channel}.json`;
}

/** The document of a step, with its lie. */
export function draft(on: DraftOn, step: Step): object {
  const path = pathOfWhat(step.what);
  const before = on.view.inForce.get(path);
  const standing = on.standing(path);
  const header = {
    repo_id: "repo",
    proposal_id: on.id,
    from: fromOf(before),
    state_seen: { commit: "a".repeat(40), seq: 1 },
    seen: {},
    requested_by: { kind: "human", name: step.requester, id: `git:${step.requester}`, verified: false },
    requested_at: timeOf(on.seconds),
    reason: `step ${on.id}`,
    ...(standing === undefined ? {} : { replaces: standing }),
  };
  const honest = { ...header, ...body(on, step.what) };
  if (step.lie === null) return honest;
  const isPointer = step.what.kind === "move";
  return lies[step.lie](honest, { on, isPointer, before });
}

function fromOf(before: InForce | undefined): object | null {
  if (before === undefined) return null;
  const { document, proposalId: proposal_id } = before;
  return document.schema === "channel-pointer.v1" ? { proposal_id, release_id: document.release_id } : { proposal_id };
}

function body(on: DraftOn, what: What): object {
  if (what.kind === "policy") return { schema: "policy.v1", ...policyBody(what.plan) };
  if (what.kind === "principals") {
    const tokens = Array.from({ length: what.tokens }, (_, index) => ({
      token_id: `tok_${index}`,
      token_hash: String(index).repeat(64),
      person: "alice",
      scopes: ["gates:approve"],
    }));
    return { schema: "principals.v1", tokens };
  }
  if (what.kind === "rewrite") {
    const at = (digit: string, seq: number) => ({ commit: digit.repeat(40), seq });
    return { schema: "rewrite.v1", old: at(what.from, 1), new: at(what.to, what.seq) };
  }
  const release = releaseOf(what.release);
  if (what.kind === "yank")
    return { schema: "yank.v1", seen: { channels: [] }, app: "notes", ...release, severity: "low", replacement: null };
  const { soak } = channelOf(policyOf(on.view).document, "notes", what.channel);
  const since = on.seconds - (soak?.minutes ?? 0) * 60 - what.source;
  return {
    schema: "channel-pointer.v1",
    seen: {
      validation: { pending: 0, passed: 1, failed: 0, warning: 1, skipped: 0 },
      source: soak === undefined ? null : { channel: soak.source, since: timeOf(since) },
    },
    app: "notes",
    channel: what.channel,
    kind: kindOfMove(on.view.inForce.get(pathOfWhat(what)) ?? null, release.release_id),
    ...release,
    rollout_percent: 100,
  };
}

type Open = Readonly<Record<string, unknown>>;

interface Lie {
  readonly on: DraftOn;
  readonly isPointer: boolean;
  readonly before: InForce | undefined;
}

type Change = (document: Open, lie: Lie) => Open;

const without = (document: Open, name: string): Open =>
  Object.fromEntries(Object.entries(document).filter(([key]) => key !== name));

const ofPointer =
  (change: Change): Change =>
  (document, lie) =>
    lie.isPointer ? change(document, lie) : document;

const withSeen = (document: Open, seen: object): Open => ({
  ...document,
  seen: { ...(typeof document["seen"] === "object" ? document["seen"] : {}), ...seen },
});

const lies: Readonly<Record<NonNullable<Step["lie"]>, Change>> = {
  repo: (document) => ({ ...document, repo_id: "other" }),
  used_id: (document, { on }) => ({ ...document, proposal_id: on.usedId }),
  from_forged: (document, { isPointer }) => ({
    ...document,
    from: { proposal_id: "prop_forged000000", ...(isPointer ? { release_id: "rel_0" } : {}) },
  }),
  from_null: (document) => ({ ...document, from: null }),
  from_other_release: ofPointer((document, { before }) =>
    before === undefined ? document : { ...document, from: { proposal_id: before.proposalId, release_id: "rel_9" } },
  ),
  replaces_forged: (document) => ({ ...document, replaces: "prop_forged000000" }),
  replaces_missing: (document) => without(document, "replaces"),
  kind_flipped: ofPointer((document) => ({
    ...document,
    kind: document["kind"] === "promotion" ? "rollback" : "promotion",
  })),
  digest: (document) => ("release_digest" in document ? { ...document, release_digest: "f".repeat(64) } : document),
  other_path: ofPointer((document) => ({ ...document, app: "other" })),
  no_seen: (document) => without(document, "seen"),
  not_validated: ofPointer((document, { on }) =>
    withSeen(document, { validation: { pending: on.seconds % 2, passed: 1, failed: 1, warning: 0, skipped: 0 } }),
  ),
  other_source: ofPointer((document) =>
    withSeen(document, { source: { channel: "other", since: "2026-01-01T00:00:00Z" } }),
  ),
  extra_member: (document) => ({ ...document, more: true }),
  // The request is signed by a key of nobody.
  stranger_asks: (document) => document,
  run_asks: (document) => ({
    ...document,
    requested_by: { kind: "workflow", name: "ci", id: "github:1:run:2", verified: true },
    requested_run: { run_id: 2, attempt: 1 },
  }),
  unknown_requester: (document) => ({
    ...document,
    requested_by: { kind: "workflow", name: "ci", id: "github:1:run:2", verified: false },
  }),
};

const prints: Readonly<Record<NonNullable<Step["bytes"]>, (text: string) => string>> = {
  spaces: (text) => text.replaceAll("\n  ", "\n   "),
  twin_key: (text) => text.replace("{\n", '{\n  "repo_id": "repo",\n'),
  crlf: (text) => text.replaceAll("\n", "\r\n"),
  byte_order_mark: (text) => `\uFEFF${text}`,
  unsorted: (text) =>
    text.replace(/^ {2}"schema": (.*),\n/m, "").replace("{\n", `{\n  "schema": "${schemaIn(text)}",\n`),
  no_newline: (text) => text.trimEnd(),
  exponent: (text) => text.replace('"seq": 1', '"seq": 1e0'),
  proto: (text) => text.replace("{\n", '{\n  "__proto__": {},\n'),
};

/** Bytes that are not the canonical print. */
export function misprinted(text: string, how: NonNullable<Step["bytes"]>): Buffer {
  return Buffer.from(prints[how](text));
}

function schemaIn(text: string): string {
  return /"schema": "([^"]*)"/.exec(text)?.[1] ?? "";
}
