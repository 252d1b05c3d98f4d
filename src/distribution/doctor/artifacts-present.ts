import type { Decisions } from "../../gate/core/decisions.ts";
import type { ArtifactRow, ReleaseV1 } from "../../schema/types.gen.ts";
import type { View } from "../../state/view.ts";
import { tombstonesOf } from "../all-releases.ts";
import { withoutFalse } from "../needed.ts";
import { referenceOf } from "../core/release-path.ts";
import { artifactKey } from "../documents.ts";
import { elsewhereHelp, hashStored, locationIn } from "../stored-bytes.ts";
import type { DoctorCheck, Patient, Symptom } from "./check.ts";
import { fail, unknown } from "./symptoms.ts";

const FROM_BACKUP = "Put the file back from a backup, or name the folder that holds it with --local-store";
const NEXT_VERSION = "Publish the next version and yank this one: what was published on a forge is not uploaded again";
/** Artifacts that are asked for at once, where each is one request; files are read one after the other. */
const AT_ONCE = 8;

/** The bytes of every published artifact are stored with their size, and where bytes are read with their digest. */
export const artifactsPresent: DoctorCheck = {
  id: "artifacts.present",
  title: "The bytes of every published artifact are stored",
  async run(patient) {
    const facts = await patient.facts();
    const rows = await expectedRows(facts, await patient.releases(), (await patient.history()).decisions);
    const totalBytes = rows.reduce((sum, { row }) => sum + row.size_bytes, 0);
    const task = patient.rehash ? patient.log.task("Reading artifacts", totalBytes, "bytes") : null;
    let doneBytes = 0;
    const symptoms: Symptom[] = [];
    const elsewhere: string[] = [];
    const fix = patient.artifacts.driver === "file" ? FROM_BACKUP : NEXT_VERSION;
    const width = patient.rehash ? 1 : AT_ONCE;
    for (let at = 0; at < rows.length; at += width) {
      const some = rows.slice(at, at + width);
      const found = await Promise.all(some.map(({ row }) => wrongWith(patient, facts, row)));
      for (const [i, { release, row }] of some.entries()) {
        task?.step((doneBytes += row.size_bytes));
        const wrong = found[i] ?? null;
        if (wrong === null) continue;
        if (typeof wrong === "string")
          symptoms.push(fail(`${referenceOf(release.app_id, release)} ${row.filename} ${wrong}`, fix));
        else elsewhere.push(wrong.help);
      }
    }
    task?.end();
    const [help] = elsewhere;
    if (help === undefined) return symptoms;
    return [
      ...symptoms,
      unknown(
        `The bytes of ${elsewhere.length} ${elsewhere.length === 1 ? "artifact" : "artifacts"} are in another store than this one`,
        help,
      ),
    ];
  },
};

interface Expected {
  readonly release: ReleaseV1;
  readonly row: ArtifactRow;
}

/** Rows of published releases whose bytes retention did not give up; equal bytes of several releases once. */
async function expectedRows(
  facts: View,
  releases: ReadonlyMap<string, readonly ReleaseV1[]>,
  decisions: Decisions,
): Promise<readonly Expected[]> {
  const expected = new Map<string, Expected>();
  for (const [slug, all] of releases) {
    const gone = await goneFrom(facts, slug, decisions);
    for (const release of all.filter(({ status }) => status === "published")) {
      for (const row of release.artifacts) {
        if (!gone.has(release.id + row.sha256)) expected.set(row.sha256, { release, row });
      }
    }
  }
  return [...expected.values()];
}

async function goneFrom(facts: View, slug: string, decisions: Decisions): Promise<ReadonlySet<string>> {
  const tombstones = withoutFalse(await tombstonesOf(facts, slug), decisions);
  return new Set(tombstones.flatMap(({ release_id, removed }) => removed.map((sha256) => release_id + sha256)));
}

/** What is wrong, or what helps where this store cannot know; null where all is well. */
type Wrong = string | { readonly help: string } | null;

async function wrongWith({ artifacts, rehash }: Patient, facts: View, row: ArtifactRow): Promise<Wrong> {
  const { sha256, size_bytes } = row;
  const record = await facts.find("artifact.v1", artifactKey(sha256));
  const help = elsewhereHelp(artifacts, record);
  if (help !== null) return { help };
  const location = await locationIn(artifacts, record);
  const stored = location === undefined ? null : await artifacts.stat(sha256, location);
  if (location === undefined || stored === null) return "is not stored";
  if (stored.sizeBytes !== size_bytes) return `is stored with ${stored.sizeBytes} bytes instead of ${size_bytes}`;
  if (stored.sha256 !== null && stored.sha256 !== sha256) return `is stored with other bytes: ${stored.sha256}`;
  if (!rehash) return null;
  const found = await hashStored(artifacts, sha256, location, () => undefined);
  return found === sha256 ? null : `is stored with other bytes: ${found ?? "none"}`;
}
