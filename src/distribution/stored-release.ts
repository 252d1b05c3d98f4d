import type { RuleResult } from "../gate/core/verdict.ts";
import { printable } from "../kernel/text.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { ArtifactRow, ArtifactV1, ReleaseV1 } from "../schema/types.gen.ts";

/** Files of a release that are asked for at once. */
const AT_ONCE = 8;
/** Files that a row names; the rest is counted. */
const MAX_TOLD = 3;

/** What asking a store for the files of a release needs. */
export type AskedStore = Pick<ArtifactStore, "driver" | "stat">;

/** Finds the record of bytes by their digest. */
export type FindRecord = (sha256: string) => Promise<ArtifactV1 | undefined>;

/**
 * The row `stored` of a verdict: every file of the release is still there, with size and digest as its store says them now. No bytes
 * are read. No row where the release does not lie in a store of this driver.
 */
export async function storedRow(
  store: AskedStore,
  find: FindRecord,
  release: ReleaseV1,
): Promise<readonly RuleResult[]> {
  const problems: string[] = [];
  let asked = 0;
  for (let at = 0; at < release.artifacts.length; at += AT_ONCE) {
    const some = release.artifacts.slice(at, at + AT_ONCE);
    const found = await Promise.all(some.map((row) => problemOf(store, find, release, row)));
    asked += found.filter((one) => one !== undefined).length;
    problems.push(...found.filter((one) => typeof one === "string"));
  }
  if (asked === 0) return [];
  if (problems.length === 0)
    return [
      {
        rule: "stored",
        status: "ok",
        message: `${asked} ${asked === 1 ? "file with its digest" : "files with their digests"}`,
      },
    ];
  const more = problems.length > MAX_TOLD ? ` and ${problems.length - MAX_TOLD} more` : "";
  return [{ rule: "stored", status: "refuse", message: `${problems.slice(0, MAX_TOLD).join("; ")}${more}` }];
}

/** What is wrong with one file; null where nothing is, undefined where it lies elsewhere. */
async function problemOf(
  store: AskedStore,
  find: FindRecord,
  release: ReleaseV1,
  { sha256, size_bytes, filename }: ArtifactRow,
): Promise<string | null | undefined> {
  const record = await find(sha256);
  const place = record?.locations.findLast(
    ({ driver, release_id }) => driver === store.driver && release_id === release.id,
  );
  if (place === undefined) return undefined;
  const stored = await store.stat(sha256, place);
  const name = printable(filename, 80);
  if (stored === null) return `${name} is not stored any more`;
  if (stored.sizeBytes !== size_bytes)
    return `${name} is stored with ${stored.sizeBytes} bytes instead of ${size_bytes}`;
  return stored.sha256 !== null && stored.sha256 !== sha256 ? `${name} is stored with other bytes` : null;
}
