import { type ChannelSettings, resolveChannel } from "../gate/core/requirement.ts";
import type { ChannelHoldV1, ChannelPointerV1, YankV1 } from "../schema/types.gen.ts";
import type { AnyKind, DocumentKind, Key, Table, Told } from "../state/document-kind.ts";
import { proofColumns, proofRow } from "../state/proof-columns.ts";

/** Path template of the pointer of a gated channel, on the decisions branch. */
export const GATED_PATH = "channels/{app}/{channel}.json";
/** Path template of a yank, on the decisions branch. */
export const YANK_PATH = "gates/yank/{release}.json";

type Row = Readonly<Record<string, string | number | null>>;

const hold: DocumentKind<"channel-hold.v1"> = {
  name: "channel-hold.v1",
  branch: "state",
  path: "dist/apps/{app}/holds/{channel}.json",
  life: "mutable",
  changes: { goes: true },
  keyOf: (document) => ({ app: document.app, channel: document.channel }),
  tables: [
    {
      name: "holds",
      columns: { app: "text", channel: "text", reason: "text", held_by: "text", held_at: "text" },
      primary: ["app", "channel"],
      rows: (document: ChannelHoldV1) => [
        {
          app: document.app,
          channel: document.channel,
          reason: document.reason,
          held_by: document.held_by.name,
          held_at: document.held_at,
        },
      ],
    },
  ],
};

const channels: Table<ChannelPointerV1> = {
  name: "channels",
  columns: {
    app: "text",
    name: "text",
    mode: "text",
    proposal_id: "text",
    release_id: "text",
    version: "text",
    build: "text",
    release_digest: "text",
    from_release_id: "text",
    rollout_percent: "integer",
    kind: "text",
    since: "text",
    requested_by: "text",
    reason: "text",
    ...proofColumns,
    policy: "text",
    min_approvals: "integer",
    approvers: "text",
    soak_source: "text",
    soak_minutes: "integer",
    freeze: "integer",
    retention_keep: "integer",
    inherits: "text",
  },
  primary: ["app", "name"],
  byPolicy: true,
  rows: pointerRows,
};

/** A pointer counts only where policy says that its branch rules the channel. */
function pointerRows(document: ChannelPointerV1, _key: Key, told: Told): readonly Row[] {
  const settings = told.policy === null ? null : resolveChannel(told.policy, document.app, document.channel);
  const mode = settings?.mode ?? "auto";
  if ((told.decision === null ? "auto" : "gated") !== mode) return [];
  return [
    {
      app: document.app,
      name: document.channel,
      mode,
      proposal_id: document.proposal_id,
      release_id: document.release_id,
      version: document.version,
      build: document.build,
      release_digest: document.release_digest,
      from_release_id: document.from?.release_id ?? null,
      rollout_percent: document.rollout_percent,
      kind: document.kind,
      requested_by: document.requested_by.name,
      reason: document.reason,
      ...decidedColumns(document, told),
      ...(settings === null ? NO_RULE : ruleColumns(settings)),
    },
  ];
}

function decidedColumns(document: ChannelPointerV1, { decision }: Told): Row {
  return { since: decision?.mergedAt ?? document.requested_at, ...proofRow(decision) };
}

const NO_RULE: Row = { policy: "strict", freeze: 0 };

function ruleColumns(settings: ChannelSettings): Row {
  const { requirement, soak } = settings;
  const people = { min_approvals: requirement.minApprovals, approvers: requirement.approvers.join(" ") };
  return {
    policy: settings.policy,
    ...(settings.mode === "gated" ? people : {}),
    ...(soak === null ? {} : { soak_source: soak.source, soak_minutes: soak.minutes }),
    freeze: settings.freeze.length,
    retention_keep: settings.retentionKeep,
    inherits: settings.inherits,
  };
}

const autoPointer: DocumentKind<"channel-pointer.v1"> = {
  name: "channel-pointer.v1",
  branch: "state",
  path: "dist/apps/{app}/channels/{channel}.json",
  life: "mutable",
  keyOf: (document) => ({ app: document.app, channel: document.channel }),
  tables: [channels],
};

const gatedPointer: DocumentKind<"channel-pointer.v1"> = { ...autoPointer, branch: "decisions", path: GATED_PATH };

const yank: DocumentKind<"yank.v1"> = {
  name: "yank.v1",
  branch: "decisions",
  path: YANK_PATH,
  life: "mutable",
  keyOf: (document) => ({ release: document.release_id }),
  tables: [
    {
      name: "yanks",
      columns: {
        app: "text",
        release_id: "text",
        reason: "text",
        severity: "text",
        replacement: "text",
        since: "text",
        ...proofColumns,
      },
      primary: ["app", "release_id"],
      rows: (document: YankV1, _key, told) => [
        {
          app: document.app,
          release_id: document.release_id,
          reason: document.reason,
          severity: document.severity,
          replacement: document.replacement,
          since: told.decision?.mergedAt ?? document.requested_at,
          ...proofRow(told.decision),
        },
      ],
    },
  ],
};

/** Holds, pointers on both branches, and yanks. */
export const channelDocuments: readonly AnyKind[] = [hold, autoPointer, gatedPointer, yank];
