import type { ArtifactRow, DistReleaseShowResultV1, ReleaseV1, ShownArtifact } from "../../src/schema/types.gen.ts";
import { referenceOf } from "../../src/distribution/core/release-path.ts";
import { absoluteText, digest, shortCommit, size, versionText, word } from "../output/cells.ts";
import type { Block, Cell, Screen } from "../screen.ts";
import { asOfText, line, proofText, recordTime, statusCell } from "./parts.ts";

/** Lines of notes that a screen shows. */
const NOTE_LINES = 10;

/** The screen of `dist release show`. */
export function releaseShowScreen(result: DistReleaseShowResultV1, now: Date): Screen {
  const { release, status, proposed } = result;
  const name = `${release.app_id} ${versionText(release.version, release.build)}`;
  return {
    blocks: [
      { kind: "line", label: "Release", parts: [name, statusText(release, status, now), release.id] },
      line("On", placesText(result)),
      ...yankLines(result),
      ...noteLines(release.notes),
      artifactTable(result),
    ],
    asOf: asOfText(result.as_of, now),
    next: nextOf(result, proposed[0]?.id),
  };
}

function statusText(
  { published_at: at, created_by: by, created_at: created, source }: ReleaseV1,
  status: string,
  now: Date,
): string {
  const when = at === null ? `${status} since ${recordTime(created, now)}` : `published ${recordTime(at, now)}`;
  const from = source.commit === null ? "" : ` from ${shortCommit(source.commit)}`;
  const also = at !== null && status !== "published" ? `, ${status}` : "";
  return `${when} by ${by.name}${from}${also}`;
}

function placesText({ on, proposed }: DistReleaseShowResultV1): string {
  const places = on.map((place) => {
    const proof = proofText(place);
    return `${place.channel} since ${absoluteText(place.since)}${proof === null ? "" : ` (${proof})`}`;
  });
  const waiting = proposed.map(({ channel, id, verdict }) => `proposed for ${channel} (${id} ${verdict})`);
  return [...places, ...waiting].join(" · ") || "no channel";
}

function yankLines({ yank }: DistReleaseShowResultV1): readonly Block[] {
  if (yank === null) return [];
  const { reason, severity, replacement, since } = yank;
  const proof = proofText(yank);
  const instead = replacement === null ? [] : [`use ${versionText(replacement.version, replacement.build)} instead`];
  return [line("Withdrawn", reason, severity, absoluteText(since), ...instead, ...(proof === null ? [] : [proof]))];
}

function noteLines(notes: string | null): readonly Block[] {
  if (notes === null || notes.trim() === "") return [];
  const lines = notes.trim().split("\n");
  const shown = lines.slice(0, NOTE_LINES);
  const cut = lines.length > NOTE_LINES ? [`… ${lines.length - NOTE_LINES} more lines, --json has all`] : [];
  return [...shown, ...cut].map((text, i) => line(i === 0 ? "Notes" : "", text));
}

function artifactTable({ release, artifacts }: DistReleaseShowResultV1): Block {
  const rows = new Map(release.artifacts.map((row) => [row.id, row]));
  return {
    kind: "table",
    columns: [
      { title: "PLATFORM" },
      { title: "VARIANT" },
      { title: "FILE", free: true },
      { title: "SIZE", align: "right" },
      { title: "SHA-256" },
      { title: "VALIDATION" },
      { title: "SIGNATURE" },
      { title: "IDENTITY", free: true },
    ],
    rows: artifacts.flatMap((shown) => {
      const row = rows.get(shown.id);
      return row === undefined ? [] : [artifactCells(row, shown)];
    }),
  };
}

function artifactCells(row: ArtifactRow, shown: ShownArtifact): readonly Cell[] {
  const version = shown.version === null ? "" : versionText(shown.version, shown.build);
  const identity = [shown.identity ?? "", version].filter((part) => part !== "").join(" ");
  const about = [identity, shown.min_os ?? ""].filter((part) => part !== "").join(", ");
  const [finding] = shown.findings;
  const status = statusCell(row.validation_status);
  return [
    word(row.platform),
    word(row.variant),
    word(row.filename),
    size(row.size_bytes),
    digest(row.sha256),
    finding === undefined ? status : { ...status, show: finding, raw: finding },
    word(shown.signature),
    word(about),
  ];
}

function nextOf({ release, on, status }: DistReleaseShowResultV1, proposal: string | undefined): readonly string[] {
  if (proposal !== undefined) return [`waybill gate show ${proposal}`];
  if (status !== "published" || on.length > 0) return [];
  return [`dist release promote ${referenceOf(release.app_id, release)} --channel <name>`];
}
