import { type Reason, reason, type Refused, refuse } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Taken } from "../../ports/intake.ts";
import type { ManifestRow } from "../core/manifest-row.ts";
import type { PublishDesk } from "./desk.ts";
import { checkFile, type ManifestAt, pathOfRow } from "./manifest-file.ts";

/** A row with what one read of its file gave. */
export interface TakenRow {
  readonly row: ManifestRow;
  readonly path: string;
  readonly taken: Taken;
}

/**
 * Reads each file once: digest, inspection, and the copy into the store's staging folder; one file at a time, so that memory stays
 * bounded. A declared size or digest that differs refuses. Copies of what is refused are removed again.
 */
export async function takeFiles(
  desk: PublishDesk,
  at: ManifestAt,
  sizes: readonly number[],
): Promise<readonly TakenRow[] | Refused> {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const task = desk.log.task("inspect", total, "bytes");
  const rows: TakenRow[] = [];
  const byPath = new Map<string, Taken>();
  let before = 0;
  try {
    for (const [i, row] of at.manifest.rows.entries()) {
      const path = pathOfRow(at, row);
      const known = byPath.get(path);
      const done = before;
      const taken =
        known ??
        (await desk.intake.take(path, desk.dryRun ? null : desk.artifacts.staging, (bytes) => task.step(done + bytes)));
      byPath.set(path, taken);
      before += sizes[i] ?? 0;
      rows.push({ row, path, taken });
    }
    const problems = [
      ...(await movedMeanwhile(desk, at)),
      ...rows.flatMap((one) => declaredProblem(at, one)),
      ...twice(at, rows),
    ];
    const [first, ...more] = problems;
    if (first === undefined) return rows;
    await discard(desk, rows);
    return refuse(first, ...more);
  } catch (cause) {
    await discard(desk, rows);
    throw cause;
  } finally {
    task.end(`${rows.length} of ${at.manifest.rows.length}`);
  }
}

/** Removes the copies of files that will not be stored. */
export async function discard(desk: PublishDesk, rows: readonly TakenRow[]): Promise<void> {
  for (const staged of new Set(rows.map(({ taken }) => taken.staged)))
    if (staged !== null) await desk.files.remove(staged);
}

/** A folder that became a link while its file was read is found by asking again. */
async function movedMeanwhile(desk: PublishDesk, at: ManifestAt): Promise<readonly Reason[]> {
  const root = await desk.files.real(at.folder);
  const found = await Promise.all(
    at.manifest.rows.map((row) => checkFile(desk.files, desk.artifacts, { ...at, root }, row)),
  );
  return found.flatMap((one) => (typeof one === "number" ? [] : [one]));
}

function declaredProblem(at: ManifestAt, { row, taken }: TakenRow): readonly Reason[] {
  const name = printable(row.filename);
  const message = `${name} is not the file that ${at.name} declares`;
  const hint = `Write ${at.name} after the last step that touches the file, usually signing`;
  if (row.sha256 !== null && row.sha256 !== taken.sha256) {
    const data = { declared: row.sha256, declared_at: `${at.name}#${row.pointer}/sha256`, found: taken.sha256 };
    return [reason("dist.artifact.digest_mismatch", message, data, hint)];
  }
  if (row.sizeBytes === null || row.sizeBytes === taken.sizeBytes) return [];
  const data = { declared: row.sizeBytes, declared_at: `${at.name}#${row.pointer}/size_bytes`, found: taken.sizeBytes };
  return [reason("dist.artifact.digest_mismatch", message, data, hint)];
}

/** One platform and variant cannot have the same bytes twice. */
function twice(at: ManifestAt, rows: readonly TakenRow[]): readonly Reason[] {
  const first = new Map<string, ManifestRow>();
  return rows.flatMap(({ row, taken }) => {
    const key = JSON.stringify([row.platform, row.variant, taken.sha256]);
    const other = first.get(key);
    first.set(key, row);
    if (other === undefined) return [];
    const message = `${printable(row.filename)} and ${printable(other.filename)} are the same file for ${row.platform}`;
    const data = { at: `${at.name}#${row.pointer}`, pointer: row.pointer, found: taken.sha256 };
    return [reason("dist.manifest.duplicate_artifact", message, data, `Leave out ${row.pointer} or ${other.pointer}`)];
  });
}
