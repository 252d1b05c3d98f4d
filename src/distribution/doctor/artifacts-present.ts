import type { ArtifactRow, ReleaseV1 } from "../../schema/types.gen.ts";
import type { View } from "../../state/view.ts";
import { tombstonesOf } from "../all-releases.ts";
import { referenceOf } from "../core/release-path.ts";
import { artifactKey } from "../documents.ts";
import { hashStored, locationIn } from "../stored-bytes.ts";
import type { DoctorCheck, Patient, Symptom } from "./check.ts";
import { fail } from "./symptoms.ts";

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
    const rows = await expectedRows(facts, await patient.releases());
    const totalBytes = rows.reduce((sum, { row }) => sum + row.size_bytes, 0);
    const task = patient.rehash ? patient.log.task("Reading artifacts", totalBytes, "bytes") : null;
    let doneBytes = 0;
    const symptoms: Symptom[] = [];
    const fix = patient.artifacts.driver === "file" ? FROM_BACKUP : NEXT_VERSION;
    const width = patient.rehash ? 1 : AT_ONCE;
    for (let at = 0; at < rows.length; at += width) {
      const some = rows.slice(at, at + width);
      const found = await Promise.all(some.map(({ row }) => wrongWith(patient, facts, row)));
      for (const [i, { release, row }] of some.entries()) {
        task?.step((doneBytes += row.size_bytes));
        const wrong = found[i] ?? null;
        if (wrong === null) continue;
        symptoms.push(fail(`${referenceOf(release.app_id, release)} ${row.filename} ${wrong}`, fix));
      }
    }
    task?.end();
    return symptoms;
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
): Promise<readonly Expected[]> {
  const expected = new Map<string, Expected>();
  for (const [slug, all] of releases) {
    const gone = await goneFrom(facts, slug);
    for (const release of all.filter(({ status }) => status === "published")) {
      for (const row of release.artifacts) {
        if (!gone.has(release.id + row.sha256)) expected.set(row.sha256, { release, row });
      }
    }
  }
  return [...expected.values()];
}

async function goneFrom(facts: View, slug: string): Promise<ReadonlySet<string>> {
  const tombstones = await tombstonesOf(facts, slug);
  return new Set(tombstones.flatMap(({ release_id, removed }) => removed.map((sha256) => release_id + sha256)));
}

async function wrongWith({ artifacts, rehash }: Patient, facts: View, row: ArtifactRow): Promise<string | null> {
  const { sha256, size_bytes } = row;
  const location = await locationIn(artifacts, await facts.find("artifact.v1", artifactKey(sha256)));
  const stored = location === undefined ? null : await artifacts.stat(sha256, location);
  if (location === undefined || stored === null) return "is not stored";
  if (stored.sizeBytes !== size_bytes) return `is stored with ${stored.sizeBytes} bytes instead of ${size_bytes}`;
  if (stored.sha256 !== null && stored.sha256 !== sha256) return `is stored with other bytes: ${stored.sha256}`;
  if (!rehash) return null;
  const found = await hashStored(artifacts, sha256, location, () => undefined);
  return found === sha256 ? null : `is stored with other bytes: ${found ?? "none"}`;
}
