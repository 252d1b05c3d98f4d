import type { Decisions } from "../gate/core/decisions.ts";
import { type Oid, shortOid } from "../kernel/oid.ts";
import { printable } from "../kernel/text.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { GitStore } from "../ports/git-store.ts";
import type { ArtifactV1, ReleaseV1 } from "../schema/types.gen.ts";
import { STATE } from "../state/branches.ts";
import type { ChangedFile, Report, Side, VerifyCheck, VerifyGround } from "../state/verify/check.ts";
import { boundedBlob } from "../state/blobs.ts";
import { isNoDocument } from "../state/no-document.ts";
import { linesOf } from "../state/seal/segment.ts";
import { segmentFinder } from "../state/seal/segment-path.ts";
import { openView, type View } from "../state/view.ts";
import { givenUpDigests } from "./all-releases.ts";
import { artifactKey } from "./documents.ts";
import { hashStored, locationIn } from "./stored-bytes.ts";

/** Folder of the artifact records. */
const RECORDS = "dist/artifacts";

/** How many records there are, and how many of them were read with their bytes. */
export interface ArtifactCount {
  records: number;
  read: number;
}

/** `artifact.missing`: every row of a published release has a record. */
export const recordedRows: VerifyCheck = {
  rules: ["artifact.missing"],
  begin: async ({ ground, report }) => {
    let releases: Published[] = [];
    const written = new Set<string>();
    return {
      onStart() {
        releases = [];
        written.clear();
      },
      onFile(file) {
        const release = releaseIn(file);
        if (release !== undefined) releases.push({ path: file.path, release });
        if (file.place?.kind.name === "artifact.v1" && file.after !== null) written.add(file.path);
      },
      async onCommit({ commit }) {
        for (const one of releases) await checkRows(ground, written, one, commit, report);
      },
    };
  },
};

/** Name under which a walk remembers how many records there are. */
const COUNTED = "artifact.records";

/**
 * `artifact.missing` and `artifact.changed`: with a store, the bytes of every record at the tip are there and have its
 * digest; what retention gave up, and no decision in force needs, may be gone. `count` is filled at the end of the walk; without a store records are only counted.
 */
export function artifactBytes(
  artifacts: ArtifactStore | null,
  count: ArtifactCount,
  decisions: Decisions | null,
): VerifyCheck {
  return {
    rules: artifacts === null ? [] : ["artifact.missing", "artifact.changed"],
    begin: async ({ ground, report, tip, after, isCut, counts }) => {
      const before = counts[COUNTED];
      // A walk that was remembered without this check, as that of a checkpoint, has counted none.
      const isCounted = !isCut && (after === null || before !== undefined);
      let records = before ?? 0;
      const segmentOf = segmentFinder(ground.kinds);
      return {
        async onFile({ path, place, before: was, after: is }) {
          if (place?.kind.name === "artifact.v1") records += Number(was === null) - Number(is === null);
          // A record lies in its file or in a line of a segment.
          else if (segmentOf(path)?.kind.name === "artifact.v1")
            records += (await linesIn(ground.store, is)) - (await linesIn(ground.store, was));
        },
        async finish() {
          if (artifacts !== null) count.read = await readAll(ground, artifacts, tip, decisions, report);
          if (!isCounted) records = await countRecords(ground, tip);
          count.records = records;
        },
        counted: () => ({ [COUNTED]: records }),
      };
    },
  };
}

/** Reads the bytes of every record at a commit; answers how many of them this store has said something of. */
async function readAll(
  ground: VerifyGround,
  artifacts: ArtifactStore,
  tip: Oid,
  decisions: Decisions | null,
  report: Report,
): Promise<number> {
  let given: Promise<ReadonlySet<string>> | undefined;
  const givenUp = () => (given ??= givenUpDigests(openView({ ...ground, branch: "state" }, tip), decisions));
  let read = 0;
  for await (const { sha256, facts } of recordsAt(ground, tip)) {
    const record = await facts.find("artifact.v1", artifactKey(sha256));
    if (record !== undefined && (await checkBytes(artifacts, record, report, givenUp))) read += 1;
  }
  return read;
}

async function countRecords(ground: VerifyGround, tip: Oid): Promise<number> {
  let records = 0;
  for await (const _ of recordsAt(ground, tip)) records += 1;
  return records;
}

/** A release as a commit publishes it. */
interface Published {
  readonly path: string;
  readonly release: ReleaseV1;
}

/** Records come with their release, so that older ones are hardly ever looked for. */
async function checkRows(
  ground: VerifyGround,
  written: ReadonlySet<string>,
  { path, release }: Published,
  commit: Oid,
  report: Report,
): Promise<void> {
  const digests = release.artifacts.map(({ sha256 }) => sha256).filter((sha256) => !written.has(recordPath(sha256)));
  if (digests.length === 0) return;
  const found = await ground.store.read(commit, digests.map(recordPath));
  for (const [i, sha256] of digests.entries()) {
    if (found[i] || (await isSealed(ground, commit, sha256))) continue;
    const message = `${printable(path)} is published with ${sha256}, which has no record`;
    const next = `find who pushed ${shortOid(commit)}; publish the next version`;
    report({ rule: "artifact.missing", branch: STATE, commit, path, message, data: { sha256 }, next });
  }
}

function releaseIn({ place, after }: ChangedFile): ReleaseV1 | undefined {
  if (place?.kind.name !== "release.v1") return undefined;
  const document = after?.document;
  if (document === undefined || !("schema" in document) || document.schema !== "release.v1") return undefined;
  return document.status === "published" ? document : undefined;
}

function recordPath(sha256: string): string {
  return `${RECORDS}/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}.json`;
}

/** Tells whether a record lies in a segment; what is none in its place, verify names by itself. */
async function isSealed(ground: VerifyGround, commit: Oid, sha256: string): Promise<boolean> {
  if (!ground.kinds.some(({ name }) => name === "artifact.v1")) return false;
  try {
    const facts = openView({ ...ground, branch: "state" }, commit);
    return (await facts.bytes("artifact.v1", artifactKey(sha256))) !== undefined;
  } catch (cause) {
    if (isNoDocument(cause)) return true;
    throw cause;
  }
}

async function linesIn(store: GitStore, side: Side | null): Promise<number> {
  if (side === null) return 0;
  const blob = await boundedBlob(store, side.oid);
  return linesOf(blob?.bytes ?? new Uint8Array());
}

/** Digests of all records at a commit, with a view that is not kept longer than for some of them: it remembers what it reads. */
async function* recordsAt(
  ground: VerifyGround,
  at: Oid,
): AsyncGenerator<{ readonly sha256: string; readonly facts: View }> {
  const open = () => openView({ ...ground, branch: "state" }, at);
  const below = async (facts: View, folder: string) =>
    (await facts.names(folder)).map((name) => `${folder}/${name.replace(/\/$/, "")}`);
  for (const a of await below(open(), RECORDS)) {
    const facts = open();
    for (const b of await below(facts, a))
      for (const path of await below(facts, b))
        yield { sha256: path.slice(path.lastIndexOf("/") + 1, -".json".length), facts };
  }
}

/** Reads the bytes of an artifact; true where this store has said something of them. */
async function checkBytes(
  store: ArtifactStore,
  record: ArtifactV1,
  report: Report,
  givenUp: () => Promise<ReadonlySet<string>>,
): Promise<boolean> {
  const location = await locationIn(store, record);
  if (location === undefined) return false;
  const { sha256 } = record;
  const say = (rule: string, message: string, next: string) =>
    report({ rule, branch: STATE, commit: null, path: recordPath(sha256), message, data: { sha256 }, next });
  const found = await hashStored(store, sha256, location, () => undefined);
  if (found === null) {
    if (!(await givenUp()).has(sha256))
      say("artifact.missing", `the bytes of ${sha256} are not stored`, "put the file back from a backup");
  } else if (found !== sha256) {
    const message = `the bytes of ${sha256} are stored with the digest ${found}`;
    say("artifact.changed", message, "put the file back from a backup");
  }
  return true;
}
