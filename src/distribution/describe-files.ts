import { isData } from "../kernel/json.ts";
import type { Span } from "../kernel/markdown.ts";
import { sizeText } from "../kernel/size.ts";
import { byCodePoint } from "../kernel/text.ts";
import type { DescribeOn, FileRow, Files, Line } from "../gate/page/description.ts";
import type { ArtifactRow, ArtifactV1, ReleaseV1 } from "../schema/types.gen.ts";
import { factsOf } from "./core/artifact-facts.ts";
import { versionText } from "./core/release-path.ts";
import { notesUrl } from "./describe-release.ts";
import { artifactKey } from "./documents.ts";
import type { KnownRelease } from "./pointers.ts";

/** Files that are described; those with findings come first, and the rest is counted. */
const MAX_FILES = 300;
const SHORT_DIGEST = 12;

const COLUMNS: Files["columns"] = [
  { title: ["Platform"] },
  { title: ["File"] },
  { title: ["Size"], align: "right" },
  { title: ["SHA-256"] },
  { title: ["Validation"] },
  { title: ["Signature"] },
];

/** Describes the files of a release, and who signed them beside who signed those of the release before. */
export async function describeFiles(
  { facts, forge, decisions }: DescribeOn,
  { release, digest }: KnownRelease,
  before: ReleaseV1 | null,
): Promise<Files> {
  const sorted = release.artifacts.toSorted(
    (a, b) =>
      Number(isQuiet(a)) - Number(isQuiet(b)) ||
      byCodePoint(a.platform, b.platform) ||
      byCodePoint(a.filename, b.filename) ||
      byCodePoint(a.id, b.id),
  );
  const shown = sorted.slice(0, MAX_FILES);
  const earlier = shown.map((row) => before?.artifacts.find((other) => isCounterpart(row, other)));
  const digests = [...new Set([...shown, ...earlier.filter((row) => row !== undefined)].map(({ sha256 }) => sha256))];
  const found = await facts.findAll("artifact.v1", digests.map(artifactKey));
  const records = new Map(digests.map((sha256, i) => [sha256, found[i]]));
  const rows = shown.map((row, i) => fileRow(row, earlier[i], { records, before }));
  // Files with a finding stand first: a page that gets too long is cut at the end.
  const ordered = rows.toSorted((a, b) => Number(a.isQuiet) - Number(b.isQuiet));
  return {
    columns: COLUMNS,
    rows: ordered,
    others: release.artifacts.length - shown.length,
    release: { name: `the release document of ${versionText(release)}`, sha256: digest },
    url: notesUrl({ facts, forge, decisions }, release),
  };
}

function isQuiet({ validation_status: status }: ArtifactRow): boolean {
  return status === "passed" || status === "skipped";
}

/** The file of an earlier release that the same people got. */
function isCounterpart(a: ArtifactRow, b: ArtifactRow): boolean {
  return a.platform === b.platform && a.variant === b.variant && extensionOf(a) === extensionOf(b);
}

function extensionOf({ filename }: ArtifactRow): string {
  return /\.([A-Za-z0-9]+)$/.exec(filename)?.[1]?.toLowerCase() ?? "";
}

interface Known {
  readonly records: ReadonlyMap<string, ArtifactV1 | undefined>;
  readonly before: ReleaseV1 | null;
}

function fileRow(row: ArtifactRow, earlier: ArtifactRow | undefined, known: Known): FileRow {
  const record = known.records.get(row.sha256);
  const signature = signatureLine(record, earlier && known.records.get(earlier.sha256), known.before);
  const platform = row.variant === null ? row.platform : `${row.platform} ${row.variant}`;
  return {
    cells: [
      [platform],
      [{ code: row.filename }],
      [sizeText(row.size_bytes)],
      [{ code: row.sha256.slice(0, SHORT_DIGEST) }],
      validationLine(row, record),
      signature.line,
    ],
    isQuiet: isQuiet(row) && !signature.isOther,
    filename: row.filename,
    platform,
    sha256: row.sha256,
  };
}

function validationLine({ validation_status: status }: ArtifactRow, record: ArtifactV1 | undefined): Line {
  if (status === "passed" || status === "skipped") return [status];
  const findings = (record?.inspection.checks ?? []).filter((check) => check.status === status);
  const [first, ...more] = findings;
  const text = first === undefined ? "" : `: ${first.message}${more.length === 0 ? "" : ` and ${more.length} more`}`;
  return [{ strong: status }, text];
}

/** The grade of a signature, and whether the signer is the one that people had before. */
function signatureLine(
  record: ArtifactV1 | undefined,
  earlier: ArtifactV1 | undefined,
  before: ReleaseV1 | null,
): { readonly line: Line; readonly isOther: boolean } {
  const { signature, signers } = signingOf(record);
  const was = signingOf(earlier);
  const grade = signature ?? "-";
  if (before === null || earlier === undefined) return { line: [grade], isOther: false };
  const version = versionText(before);
  const isSame = signers.join() === was.signers.join();
  if (isSame) {
    const same: readonly Span[] = signers.length === 0 ? [] : [`, signer as in ${version}`];
    return { line: [grade, ...same], isOther: false };
  }
  const other = signers.length === 0 ? `no signer, ${version} had one` : `another signer than ${version}`;
  const changed = was.signers.length === 0 ? `signer is new since ${version}` : other;
  return { line: [grade, ", ", { strong: changed }], isOther: true };
}

function signingOf(record: ArtifactV1 | undefined): {
  readonly signature: string | null;
  readonly signers: readonly string[];
} {
  const facts = record?.inspection.facts;
  const { signature, signers } = factsOf(isData(facts) ? facts : {});
  return { signature, signers: signers.toSorted(byCodePoint) };
}
