import type { Act } from "../../kernel/act.ts";
import { sha256Hex } from "../../kernel/digest.ts";
import { type Reason, type Refused, refuse } from "../../kernel/errors.ts";
import type { Decisions } from "../../gate/core/decisions.ts";
import { resolveChannel } from "../../gate/core/requirement.ts";
import type { Schemas } from "../../schema/schemas.ts";
import type { ArtifactV1, ReleaseV1 } from "../../schema/types.gen.ts";
import type { Event, Plan, Write } from "../../state/plan.ts";
import type { View } from "../../state/view.ts";
import { type AutoMove, type AutoChannel, planAutoMove } from "../auto-move.ts";
import { isPerson, readAutoChannel } from "../auto-channel.ts";
import type { HistoryGround } from "../auto-history.ts";
import {
  artifactRecord,
  publishedRelease,
  type ReadFile,
  type Request,
  requestedSet,
  setOf,
} from "../core/release-draft.ts";
import { referenceOf, releaseKey } from "../core/release-path.ts";
import { artifactKey } from "../documents.ts";
import type { KnownRelease } from "../pointers.ts";
import { notPromotable } from "../promotable.ts";
import { takenOver } from "./record-draft.ts";
import type { StoredRelease } from "./store-files.ts";

/** What a record depends on. */
export interface RecordSeen {
  readonly found: KnownRelease | undefined;
  /** Records of the bytes, by SHA-256. */
  readonly records: ReadonlyMap<string, ArtifactV1>;
  /** The channel that was asked for, where it is `auto`. */
  readonly channel: AutoChannel | null;
  /** Why no channel may be pointed at the release that was published before. */
  readonly problem: Reason | null;
}

/** What became of a publish. */
export interface RecordDone {
  readonly known: KnownRelease;
  readonly move: AutoMove | null;
  readonly from: { readonly release_id: string; readonly version: string; readonly build: string | null } | null;
}

/** Reads what the record of a release depends on. `published` is when it was, as far as is known. */
export async function readRecord(
  ground: HistoryGround,
  facts: View,
  decisions: Decisions,
  request: Request,
  release: ReleaseV1,
  publishedAt: string,
): Promise<RecordSeen> {
  const { app, version, build, channel } = request.manifest;
  const key = releaseKey(app, version, build);
  const found = await facts.find("release.v1", key);
  const bytes = await facts.bytes("release.v1", key);
  const digests = [...new Set(request.files.map(({ sha256 }) => sha256))];
  const records = await facts.findAll("artifact.v1", digests.map(artifactKey));
  const isAuto = channel !== null && resolveChannel(decisions.policy.document, app, channel).mode === "auto";
  const known = found === undefined || bytes === undefined ? undefined : { release: found, digest: sha256Hex(bytes) };
  return {
    found: known,
    problem: known?.release.status === "published" ? await notPromotable(facts, decisions, known) : null,
    records: new Map(records.flatMap((record) => (record === undefined ? [] : [[record.sha256, record] as const]))),
    channel: isAuto
      ? await readAutoChannel(ground, facts, decisions, { app, channel }, { id: release.id, publishedAt })
      : null,
  };
}

/** What planning a record needs besides what was read. */
export interface RecordOn {
  readonly schemas: Schemas;
  readonly request: Request;
  /** The intent, or the release that was published before. */
  readonly release: ReleaseV1;
  /** Null where nothing had to be stored, because the release was published before. */
  readonly stored: StoredRelease | null;
  readonly repoId: string;
}

/**
 * Plans the commit that makes a release: the document, records of its bytes, one event for each, and the pointer of an `auto` channel.
 * Of a release that was published before only the pointer is left to move.
 */
export function planRecord(seen: RecordSeen, on: RecordOn, act: Act): Plan<RecordDone> | Refused {
  const known = settled(seen, on, act);
  if ("refused" in known) return known;
  const move = seen.channel === null ? null : moveChannel(seen.channel, seen.problem, known.known, on, act);
  const moved = move?.status === "promoted" ? move.plan : { writes: [], events: [] };
  return {
    writes: [...known.writes, ...moved.writes],
    events: [...known.events, ...moved.events],
    ...(known.writes.length === 0
      ? {}
      : { subject: `release.published ${referenceOf(on.release.app_id, on.release)}` }),
    result: { known: known.known, move, from: refOf(seen.channel) },
  };
}

interface Settled {
  readonly known: KnownRelease;
  readonly writes: readonly Write[];
  readonly events: readonly Event[];
}

function settled(seen: RecordSeen, on: RecordOn, act: Act): Settled | Refused {
  const { found } = seen;
  const isSame = found !== undefined && setOf(found.release.artifacts) === requestedSet(on.request);
  // Two jobs with the same files may finish at the same time: the first one made the release.
  if (found !== undefined && isSame && found.release.status === "published")
    return { known: found, writes: [], events: [] };
  if (on.stored === null || found?.release.id !== on.release.id || found.release.status !== "draft")
    return refuse(takenOver(on.release));
  // Another run may have begun a draft of its own since, which is the one that is on record.
  if (on.stored.ref !== null && found.release.forge?.release_id !== on.stored.ref) return refuse(takenOver(on.release));
  const release = publishedRelease(found.release, on.request, act);
  const digest = sha256Hex(on.schemas.print("release.v1", release));
  const records = recordWrites(seen, on, on.stored, release, act);
  const key = releaseKey(release.app_id, release.version, release.build);
  return {
    known: { release, digest },
    writes: [{ name: "release.v1", key, document: release }, ...records],
    events: [...release.artifacts.map(uploaded), publishedEvent(release)],
  };
}

function recordWrites(
  seen: RecordSeen,
  on: RecordOn,
  stored: StoredRelease,
  release: ReleaseV1,
  act: Act,
): readonly Write[] {
  const first = new Map<string, ReadFile>();
  for (const file of on.request.files) if (!first.has(file.sha256)) first.set(file.sha256, file);
  return [...first].flatMap(([sha256, file]) => {
    const at = stored.files.get(sha256)?.location;
    if (at === undefined) return [];
    const location = { ...at, release_id: release.id, verified_at: act.at };
    return [
      {
        name: "artifact.v1",
        key: artifactKey(sha256),
        document: artifactRecord(seen.records.get(sha256), file, location, act),
      } as const,
    ];
  });
}

function uploaded(row: ReleaseV1["artifacts"][number]): Event {
  const { app_id, release_id, platform, variant, filename, sha256, size_bytes } = row;
  return {
    action: "artifact.uploaded",
    target: ["artifact", row.id],
    metadata: { app: app_id, release_id, platform, variant, filename, sha256, size_bytes },
  };
}

function publishedEvent(release: ReleaseV1): Event {
  const metadata = {
    app: release.app_id,
    version: release.version,
    build: release.build,
    artifacts: release.artifacts.length,
  };
  return { action: "release.published", target: ["release", release.id], metadata };
}

/** A run that finds its release published does not bring it back to a channel that went on. */
function moveChannel(
  channel: AutoChannel,
  problem: Reason | null,
  known: KnownRelease,
  on: RecordOn,
  act: Act,
): AutoMove {
  const wasThere = channel.history.some(({ release_id }) => release_id === known.release.id);
  if (on.stored === null && wasThere) return { status: "unchanged" };
  if (problem !== null) return { status: "refused", reasons: [problem] };
  const wish = {
    kind: "promotion",
    reason: `published with ${channel.now.name} asked for`,
    rollout: 100,
    repoId: on.repoId,
    byPerson: isPerson(act.actor),
  } as const;
  return planAutoMove(channel, known, wish, act);
}

function refOf(channel: AutoChannel | null): RecordDone["from"] {
  const pointer = channel?.now.pointer;
  return pointer ? { release_id: pointer.release_id, version: pointer.version, build: pointer.build } : null;
}
