import { type Reason, reason } from "../../kernel/errors.ts";
import { resolveChannel } from "../../gate/core/requirement.ts";
import type { Database } from "../../ports/sql.ts";
import type { ChannelListRow, Grade, PolicyV1 } from "../../schema/types.gen.ts";
import { approvalsIn, NO_PROOF, type ShownProof } from "../../state/proof-columns.ts";
import { referenceOf } from "../core/release-path.ts";
import type { OpenPointer, OpenPointers } from "./open-proposals.ts";
import { ask, type Row } from "./record.ts";

const GRADES: readonly Grade[] = ["recorded", "attested", "signed"];
const POLICIES: readonly ChannelListRow["policy"][] = ["strict", "warn", "off"];

const CHANNELS = `SELECT c.*, r.sha256 AS found_digest, h.reason AS hold_reason, h.held_by, h.held_at
  FROM channels c LEFT JOIN releases r ON r.app = c.app AND r.id = c.release_id AND r.version = c.version AND r.build IS c.build
  LEFT JOIN holds h ON h.app = c.app AND h.channel = c.name`;

/** Which channels are asked for; null stands for all. */
export interface ChannelsAsked {
  readonly app: string | null;
  readonly name: string | null;
}

/** Rows of channels by app and name: those with a pointer, and those that only a proposal would give one. */
export function channelRows(database: Database, asked: ChannelsAsked, open: OpenPointers): readonly ChannelListRow[] {
  const pointed = ask(
    database,
    `${CHANNELS} WHERE (?1 IS NULL OR c.app = ?1) AND (?2 IS NULL OR c.name = ?2) ORDER BY c.app, c.name`,
    [asked.app, asked.name],
  ).rows.map((row) => pointedRow(row, open.pointers));
  const known = new Set(pointed.map(({ app, name }) => `${app} ${name}`));
  const proposed = new Map(
    open.pointers
      .map(({ pointer }) => pointer)
      .filter(({ app, channel }) => (asked.app ?? app) === app && (asked.name ?? channel) === channel)
      .filter(({ app, channel }) => !known.has(`${app} ${channel}`))
      .map((pointer) => [`${pointer.app} ${pointer.channel}`, pointer]),
  );
  const { policy } = open;
  if (policy === null || proposed.size === 0) return pointed;
  const unpointed = [...proposed.values()].map(({ app, channel }) =>
    unpointedRow(database, policy, { app, name: channel }, open.pointers),
  );
  // Slugs and channel names are ASCII, and a space sorts before all that they may hold.
  return [...pointed, ...unpointed].toSorted((a, b) => (`${a.app} ${a.name}` < `${b.app} ${b.name}` ? -1 : 1));
}

function pointedRow(row: Row, open: readonly OpenPointer[]): ChannelListRow {
  const app = row.text("app");
  const name = row.text("name");
  const mode = row.oneOf("mode", ["auto", "gated"]);
  const source = row.textOrNull("soak_source");
  return {
    app,
    name,
    mode,
    current_release_id: row.text("release_id"),
    version: row.text("version"),
    build: row.textOrNull("build"),
    rollout_percent: row.integer("rollout_percent"),
    kind: row.oneOf<"promotion" | "rollback">("kind", ["promotion", "rollback"]),
    since: row.text("since"),
    policy: row.oneOf("policy", POLICIES),
    min_approvals: row.integerOrNull("min_approvals"),
    approvers: row.words("approvers"),
    soak: source === null ? null : { source, minutes: row.integer("soak_minutes") },
    freeze: row.integer("freeze"),
    retention_keep: row.integerOrNull("retention_keep"),
    inherits: row.textOrNull("inherits"),
    hold: holdIn(row),
    ...proofIn(row),
    proposals: proposalsOf(open, app, name),
    problem: problemIn(row),
  };
}

/** Proof of a row that a decision or a fact may have made. */
export function proofIn(row: Row): ShownProof {
  const attestor = row.textOrNull("attestor");
  return {
    grade: row.textOrNull("grade") === null ? null : row.oneOf("grade", GRADES),
    self_approved: row.integer("self_approved") === 1,
    ...(attestor === null ? {} : { attestor }),
    approved_by: approvalsIn(row.words("approved_by")),
  };
}

/** A hold that somebody set is named before the one that a rollback implies. */
function holdIn(row: Row): ChannelListRow["hold"] {
  const reasonText = row.textOrNull("hold_reason");
  if (reasonText !== null)
    return { kind: "fact", reason: reasonText, by: row.text("held_by"), since: row.text("held_at") };
  if (row.text("kind") !== "rollback") return null;
  return { kind: "rollback", reason: row.text("reason"), by: row.text("requested_by"), since: row.text("since") };
}

function problemIn(row: Row): ChannelListRow["problem"] {
  const found = row.textOrNull("found_digest");
  if (found === null) return "release.not_found";
  return found === row.text("release_digest") ? null : "release.digest_mismatch";
}

function proposalsOf(open: readonly OpenPointer[], app: string, channel: string): ChannelListRow["proposals"] {
  return open
    .filter(({ pointer }) => pointer.app === app && pointer.channel === channel)
    .map(({ id, number, url, verdict }) => ({ id, number, url, verdict }));
}

/** Row of a channel that has no release yet. */
export function unpointedRow(
  database: Database,
  policy: PolicyV1,
  { app, name }: { readonly app: string; readonly name: string },
  open: readonly OpenPointer[],
): ChannelListRow {
  const held = "SELECT reason, held_by, held_at FROM holds WHERE app = ? AND channel = ?";
  const [hold] = ask(database, held, [app, name]).rows;
  const { mode, requirement, soak, ...settings } = resolveChannel(policy, app, name);
  return {
    app,
    name,
    mode,
    current_release_id: null,
    version: null,
    build: null,
    rollout_percent: null,
    kind: null,
    since: null,
    policy: settings.policy,
    min_approvals: mode === "gated" ? requirement.minApprovals : null,
    approvers: mode === "gated" ? requirement.approvers : [],
    soak: soak === null ? null : { source: soak.source, minutes: soak.minutes },
    freeze: settings.freeze.length,
    retention_keep: settings.retentionKeep,
    inherits: settings.inherits,
    hold:
      hold === undefined
        ? null
        : { kind: "fact", reason: hold.text("reason"), by: hold.text("held_by"), since: hold.text("held_at") },
    ...NO_PROOF,
    proposals: proposalsOf(open, app, name),
    problem: null,
  };
}

/** Says of each channel whose release is not the one that was decided on why readers refuse it. */
export function problemWarnings(rows: readonly ChannelListRow[]): readonly Reason[] {
  return rows.flatMap(({ app, name, version, build, problem, current_release_id }) => {
    if (problem === null || version === null) return [];
    const what = referenceOf(app, { version, build });
    const message =
      problem === "release.not_found"
        ? `${app}/${name} names ${what}, which is not here; nobody gets it`
        : `${what} is not the release that ${app}/${name} was moved to: its document has changed; nobody gets it`;
    return [reason(problem, message, { app, channel: name, release_id: current_release_id }, "waybill state verify")];
  });
}
