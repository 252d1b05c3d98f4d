import { isRefused, reason, type Refused, refuse } from "../../kernel/errors.ts";
import { isData } from "../../kernel/json.ts";
import { byCodePoint } from "../../kernel/text.ts";
import type { Database } from "../../ports/sql.ts";
import type {
  ArtifactRow,
  ArtifactV1,
  DistReleaseShowResultV1,
  ReleaseOnChannel,
  ReleaseProposal,
  ReleaseYank,
  ShownArtifact,
  YankV1,
} from "../../schema/types.gen.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import { openState } from "../../state/transact.ts";
import type { View } from "../../state/view.ts";
import { factsOf } from "../core/artifact-facts.ts";
import { referenceOf, releaseKey } from "../core/release-path.ts";
import { versionKey } from "../core/version-key.ts";
import { artifactKey } from "../documents.ts";
import { asOfTips } from "./as-of.ts";
import { proofIn } from "./channel-rows.ts";
import { type NamedRelease, releaseNamed } from "./named-release.ts";
import { openPointers, type OpenPointers, type ProposalsGround } from "./open-proposals.ts";
import { ask, type Row } from "./record.ts";
import { RELEASE_STATUS, RELEASES, statusIn, tombstoneWarnings } from "./release-rows.ts";
import { reusedWarnings } from "./reused-ids.ts";
import type { Told } from "./told.ts";
import { unhonouredWarnings } from "./unhonoured.ts";

const SEVERITIES: readonly YankV1["severity"][] = ["low", "moderate", "high", "critical"];

const ONE = `SELECT r.sha256, ${RELEASE_STATUS} AS shown_status, y.reason AS yank_reason, y.severity, y.replacement,
    y.since AS yanked_at, y.grade, y.self_approved, y.attestor, y.approved_by FROM ${RELEASES} WHERE r.app = ? AND r.version_key = ?`;

/**
 * Shows a release: its document, where it is and is going, and what its bytes say. Refuses with `release.digest_mismatch` where a
 * channel was pointed at other bytes under this name: nobody may take this one for that.
 */
export async function showRelease(
  { database, asOf }: Snapshot,
  on: ProposalsGround,
  text: string,
  app: string | null,
): Promise<Told<DistReleaseShowResultV1> | Refused> {
  const named = releaseNamed(database, text, app);
  if (isRefused(named)) return named;
  const [row] = ask(database, ONE, [named.app, versionKey(named)]).rows;
  if (row === undefined) return gone(named);
  const pointers = pointersTo(database, named);
  const differs = pointers.filter((pointer) => pointer.text("release_digest") !== row.text("sha256"));
  if (differs.length > 0) return mismatch(named, differs, row.text("sha256"));
  const ground = await on.openGround();
  const facts = await openState(ground, asOf.state);
  const release = await facts.find("release.v1", releaseKey(named.app, named.version, named.build));
  if (release === undefined) return gone(named);
  const open = await openPointers(on);
  return {
    result: {
      schema: "dist-release-show-result.v1",
      release,
      status: statusIn(row, "shown_status"),
      release_digest: row.text("sha256"),
      on: pointers.map(placeOf),
      proposed: proposedOf(open, named),
      yank: yankIn(database, row),
      artifacts: await shownArtifacts(facts, release.artifacts),
      as_of: asOfTips(asOf),
    },
    warnings: [
      ...unhonouredWarnings(database),
      ...tombstoneWarnings(database),
      ...reusedWarnings(database, shownIds(row, named)),
      ...open.warnings,
    ],
  };
}

/** Pointers in force that name a release, by its id or its version, by channel. */
function pointersTo(database: Database, { app, id, version, build }: NamedRelease): readonly Row[] {
  const sql = "SELECT * FROM channels WHERE app = ? AND (release_id = ? OR version = ? AND build IS ?) ORDER BY name";
  return ask(database, sql, [app, id, version, build]).rows;
}

function placeOf(row: Row): ReleaseOnChannel {
  return {
    channel: row.text("name"),
    since: row.text("since"),
    ...proofIn(row),
  };
}

/** The id of a release, and of the one that takes its place. */
function shownIds(row: Row, { id }: NamedRelease): readonly string[] {
  const replacement = row.textOrNull("replacement");
  return replacement === null ? [id] : [id, replacement];
}

function proposedOf(open: OpenPointers, { app, id, version, build }: NamedRelease): readonly ReleaseProposal[] {
  return open.pointers
    .filter(({ pointer }) => pointer.app === app && pointer.release_id === id)
    .filter(({ pointer }) => pointer.version === version && pointer.build === build)
    .map(({ id: proposal, verdict, pointer }) => ({ id: proposal, channel: pointer.channel, verdict }));
}

function yankIn(database: Database, row: Row): ReleaseYank | null {
  const text = row.textOrNull("yank_reason");
  if (text === null) return null;
  const replacement = row.textOrNull("replacement");
  const [other, another] =
    replacement === null
      ? []
      : ask(database, "SELECT version, build FROM releases WHERE id = ?", [replacement], 2).rows;
  return {
    reason: text,
    severity: row.oneOf("severity", SEVERITIES),
    replacement:
      // A decision names it by id; where two releases have that, nobody is sent to either.
      replacement === null || other === undefined || another !== undefined
        ? null
        : { release_id: replacement, version: other.text("version"), build: other.textOrNull("build") },
    since: row.text("yanked_at"),
    ...proofIn(row),
  };
}

async function shownArtifacts(facts: View, rows: readonly ArtifactRow[]): Promise<readonly ShownArtifact[]> {
  const records = await facts.findAll(
    "artifact.v1",
    rows.map(({ sha256 }) => artifactKey(sha256)),
  );
  return rows
    .map((row, i) => [row, records[i]] as const)
    .toSorted(
      ([a], [b]) =>
        byCodePoint(a.platform, b.platform) || byCodePoint(a.filename, b.filename) || byCodePoint(a.id, b.id),
    )
    .map(([row, record]) => shown(row, record));
}

function shown(row: ArtifactRow, record: ArtifactV1 | undefined): ShownArtifact {
  const inspection = record?.inspection;
  const facts = inspection?.facts;
  const { identity, version, build, minOs, signature, expiresAt } = factsOf(isData(facts) ? facts : {});
  const checks = inspection?.checks ?? [];
  return {
    id: row.id,
    kind: inspection?.kind ?? null,
    identity,
    version,
    build,
    min_os: minOs,
    signature,
    expires_at: expiresAt,
    findings: checks
      .filter(({ status }) => status === "failed" || status === "warning")
      .map(({ status, message }) => `${status}: ${message}`),
  };
}

function gone({ app, version, build }: NamedRelease): Refused {
  const message = `The document of ${referenceOf(app, { version, build })} cannot be read`;
  return refuse(reason("release.not_found", message, {}, "waybill state verify"));
}

function mismatch(release: NamedRelease, pointers: readonly Row[], found: string): Refused {
  const [first, ...more] = pointers.map((pointer) => {
    const channel = pointer.text("name");
    const message = `The document of ${referenceOf(release.app, release)} is not the one that ${channel} was pointed at`;
    const data = {
      release_id: release.id,
      channel,
      expected: pointer.text("release_digest"),
      expected_at: pointer.text("proposal_id"),
      found,
    };
    return reason("release.digest_mismatch", message, data, "waybill state verify");
  });
  return first === undefined ? gone(release) : refuse(first, ...more);
}
