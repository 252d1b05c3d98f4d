import type { DistPublishResultV1, PublishedArtifact, PublishedChannel } from "../../src/schema/types.gen.ts";
import { digest, durationText, size, versionText, whenText, word } from "../output/cells.ts";
import type { Block, Screen } from "../screen.ts";
import { statusCell } from "./parts.ts";

/** The screen of `dist ci publish`: what, where, which bytes, what next. */
export function publishScreen(result: DistPublishResultV1, now: Date): Screen {
  const { channels, artifacts, release } = result;
  return {
    blocks: [
      headline(result, now),
      {
        kind: "table",
        columns: [
          { title: "PLATFORM" },
          { title: "VARIANT" },
          { title: "FILE", free: true },
          { title: "SIZE", align: "right" },
          { title: "SHA-256" },
          { title: "VALIDATION", free: true },
        ],
        rows: artifacts.map((row) => [
          word(row.platform),
          word(row.variant),
          word(row.filename),
          size(row.size_bytes),
          digest(row.sha256),
          validationCell(row),
        ]),
      },
      ...channels.map((row) => channelLine(row, result.planned)),
      ...(release.url === null ? [] : [{ kind: "line", label: "Release", parts: [release.url] } as const]),
    ],
    next: nextOf(result),
  };
}

function headline({ planned, app, outcome, release, artifacts, took_ms }: DistPublishResultV1, now: Date): Block {
  const name = `${app} ${versionText(release.version, release.build)}`;
  if (outcome === "unmodified") {
    const since = release.published_at === null ? "before" : whenText(release.published_at, now);
    const what = `was published ${since} with the same ${artifacts.length} ${artifacts.length === 1 ? "artifact" : "artifacts"}`;
    return { kind: "line", label: "Unchanged", parts: [`${name} ${what}`, release.id] };
  }
  const took = `${outcome} in ${durationText(took_ms)}`;
  return {
    kind: "line",
    label: planned ? "Planned" : "Published",
    parts: [name, planned ? "nothing is written" : took, release.id],
    tone: "ok",
  };
}

function validationCell({ validation_status, findings }: PublishedArtifact) {
  const [first, ...more] = findings;
  const cell = statusCell(validation_status);
  if (first === undefined) return cell;
  const rest = more.length === 0 ? "" : ` and ${more.length} more`;
  return { ...cell, show: `${validation_status}: ${first}${rest}` };
}

function channelLine({ name, status, from, to, proposal, reasons }: PublishedChannel, planned: boolean): Block {
  const before = from === null ? "(new)" : versionText(from.version, from.build);
  const words = {
    promoted: planned ? "would move" : "moved",
    proposed: planned ? "would be proposed" : `proposed ${proposal?.id ?? ""}`,
    unchanged: "unchanged",
    refused: `refused: ${reasons.join("; ")}`,
  };
  const tone = status === "refused" ? "refuse" : status === "proposed" ? "wait" : "ok";
  const move =
    status === "unchanged" ? versionText(to.version, to.build) : `${before} → ${versionText(to.version, to.build)}`;
  return { kind: "line", label: "Channel", parts: [name, move, words[status]], tone };
}

/** The pull request; where the token may not open it, the page on which a person does. */
function whereOf({ id, url }: NonNullable<PublishedChannel["proposal"]>): string {
  if (url === null) return `waybill gate show ${id}`;
  return /\/pull\/\d+$/.test(url) ? url : `The branch is pushed; open it: ${url}`;
}

function nextOf({ app, release, channels, planned }: DistPublishResultV1): readonly string[] {
  if (planned) return [];
  const proposed = channels.flatMap(({ proposal }) => (proposal === null ? [] : [whereOf(proposal)]));
  const build = release.build === null ? "" : `+${release.build}`;
  return proposed.length > 0 ? proposed : [`dist release promote ${app}@${release.version}${build} --channel <name>`];
}
