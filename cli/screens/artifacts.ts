import type {
  ArtifactListRow,
  DistArtifactListResultV1,
  DistArtifactShowResultV1,
} from "../../src/schema/types.gen.ts";
import { factsOf } from "../../src/distribution/core/artifact-facts.ts";
import { isData } from "../../src/kernel/json.ts";
import { digest, size, sizeText, versionText, word } from "../output/cells.ts";
import type { Block, Cell, Column, Screen } from "../screen.ts";
import { asOfText, furtherPage, line, recordTime, releaseCell, statusCell } from "./parts.ts";

const COLUMNS: readonly Column[] = [
  { title: "RELEASE" },
  { title: "PLATFORM" },
  { title: "VARIANT" },
  { title: "FILE", free: true },
  { title: "SIZE", align: "right" },
  { title: "SHA-256" },
  { title: "VALIDATION" },
  { title: "SIGNATURE" },
];

/** The screen of `dist artifact list`; the app is a column where there may be several. */
export function artifactListScreen(result: DistArtifactListResultV1, now: Date): Screen {
  const { app, artifacts } = result;
  const asOf = asOfText(result.as_of, now);
  if (artifacts.length === 0) {
    const empty = app === null ? "No such artifacts yet" : `No such artifacts of ${app} yet`;
    return { blocks: [], empty, asOf, next: ["dist manifest init <file...>"] };
  }
  return {
    blocks: [
      {
        kind: "table",
        columns: app === null ? [{ title: "APP" }, ...COLUMNS] : COLUMNS,
        rows: artifacts.map((row) => (app === null ? [word(row.app), ...cellsOf(row)] : cellsOf(row))),
      },
    ],
    asOf,
    next: furtherPage(result.next_cursor),
  };
}

function cellsOf(row: ArtifactListRow): readonly Cell[] {
  return [
    releaseCell(row.app, row),
    word(row.platform),
    word(row.variant),
    word(row.filename),
    size(row.size_bytes),
    digest(row.sha256),
    statusCell(row.validation_status),
    word(row.signature),
  ];
}

/** The screen of `dist artifact show`. */
export function artifactShowScreen(result: DistArtifactShowResultV1, now: Date): Screen {
  const { artifact, used_by: uses } = result;
  const { inspection, locations } = artifact;
  return {
    blocks: [
      line("Artifact", inspection.kind, sizeText(artifact.size_bytes), result.validation_status),
      line("SHA-256", artifact.sha256),
      line("Seen", `first ${recordTime(artifact.first_seen_at, now)}`),
      ...factLines(isData(inspection.facts) ? inspection.facts : {}),
      ...locations.map(({ driver, asset_name: name, verified_at: at }) =>
        line("Stored", driver, name, `verified ${recordTime(at, now)}`),
      ),
      {
        kind: "table",
        columns: [{ title: "STATUS" }, { title: "CHECK" }, { title: "MESSAGE", free: true }],
        rows: inspection.checks.map(({ id, status, message }) => [statusCell(status), word(id), word(message)]),
      },
      {
        kind: "table",
        columns: [{ title: "APP" }, { title: "RELEASE" }, { title: "PLATFORM" }, { title: "FILE", free: true }],
        rows: uses.map((use) => [word(use.app), releaseCell(use.app, use), word(use.platform), word(use.filename)]),
      },
    ],
    asOf: asOfText(result.as_of, now),
  };
}

function factLines(facts: Parameters<typeof factsOf>[0]): readonly Block[] {
  const { identity, version, build, minOs, architectures, signature, signers, expiresAt } = factsOf(facts);
  const named = [identity ?? "", version === null ? "" : versionText(version, build)].filter((part) => part !== "");
  const about = [named.join(" "), minOs ?? "", architectures.join(" ")].filter((part) => part !== "");
  return [
    ...(about.length === 0 ? [] : [line("Identity", ...about)]),
    ...(signature === null ? [] : [line("Signature", signature, signers.join(", "))]),
    ...(expiresAt === null ? [] : [line("Expires", expiresAt)]),
  ];
}
