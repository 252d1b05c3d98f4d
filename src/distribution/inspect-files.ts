import type { ErrorCode } from "../kernel/error-catalogue.ts";
import { type Reason, reason } from "../kernel/errors.ts";
import { printable } from "../kernel/text.ts";
import { type Inspection, validationStatus } from "../inspect/inspection.ts";
import type { Intake } from "../ports/intake.ts";
import type { Log } from "../ports/log.ts";
import type { InspectedFile, InspectResultV1 } from "../schema/types.gen.ts";

/** What looking at files needs. */
export interface InspectGround {
  readonly intake: Intake;
  readonly log: Log;
}

/** A file that was read once: what it is, and its digest. */
export interface Inspected {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly inspection: Inspection;
}

/** Reads files, one after the other, and says what each is; nothing is copied. Throws `file.*` where one cannot be read. */
export async function readFiles(on: InspectGround, paths: readonly string[]): Promise<readonly Inspected[]> {
  const found: Inspected[] = [];
  for (const path of paths) {
    const task = on.log.task(`inspect ${printable(path)}`, null, "bytes");
    const { sizeBytes, sha256, inspection } = await on.intake.take(path, null, (doneBytes) => task.step(doneBytes));
    task.end();
    found.push({ path, sizeBytes, sha256, inspection });
  }
  return found;
}

/** Says of files what their bytes say. */
export async function inspectFiles(on: InspectGround, paths: readonly string[]): Promise<InspectResultV1> {
  const files = await readFiles(on, paths);
  return { schema: "inspect-result.v1", files: files.map(rowOf) };
}

function rowOf({ path, sizeBytes, sha256, inspection }: Inspected): InspectedFile {
  return {
    path,
    size_bytes: sizeBytes,
    sha256,
    kind: inspection.kind,
    inspector_version: inspection.inspector_version,
    validation_status: validationStatus(inspection.checks),
    facts: inspection.facts,
    checks: inspection.checks,
  };
}

/** The first failed check of the first file that has one, as an error; null where every file is in order. */
export function firstFailure(files: readonly InspectedFile[]): Reason | null {
  for (const { path, kind, checks } of files) {
    const failed = checks.find(({ status }) => status === "failed");
    if (failed === undefined) continue;
    const data = { file: printable(path), check: failed.id };
    return reason(codeOf(kind, failed.detail["code"]), `${data.file}: ${printable(failed.message)}`, data);
  }
  return null;
}

/** Code that a check carries; one that carries none still says of which format it is. */
function codeOf(kind: string, carried: unknown): ErrorCode {
  return typeof carried === "string" && isInspectCode(carried) ? carried : `inspect.${kind}.failed`;
}

function isInspectCode(text: string): text is `inspect.${string}.${string}` {
  return /^inspect\.[a-z0-9_]+\.[a-z0-9_]+$/.test(text);
}
