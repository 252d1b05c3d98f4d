import { ToolError } from "../../kernel/errors.ts";
import { byCodePoint, printable } from "../../kernel/text.ts";
import type { AsOfTips, DistDoctorResultV1, DoctorFinding } from "../../schema/types.gen.ts";
import { asOfView } from "../read/as-of.ts";
import { doctorChecks } from "./all.ts";
import type { DoctorCheck, Patient, Symptom } from "./check.ts";

/** Most findings of one check; what is beyond is counted. */
const MAX_FINDINGS = 20;
const MAX_MESSAGE = 500;
const SEVERITY: readonly DoctorFinding["status"][] = ["fail", "warn", "unknown", "ok"];

/** Runs every check that has something to look at, the worst findings first. A check that could not find out is `unknown`, never `ok`; a bug of ours is thrown. */
export async function examine(
  patient: Patient,
  checks: readonly DoctorCheck[] = doctorChecks,
): Promise<DistDoctorResultV1> {
  const applying = checks.filter(({ applies }) => applies?.(patient) ?? true);
  // Together, for each waits most of the time: for git, or for answers of a forge.
  const findings = (await Promise.all(applying.map((check) => findingsOf(check, patient)))).flat();
  const asOf = await asOfPatient(patient);
  const count = (status: DoctorFinding["status"]) => findings.filter((finding) => finding.status === status).length;
  return {
    schema: "dist-doctor-result.v1",
    ...(asOf === undefined ? {} : { as_of: asOf }),
    ok: count("ok"),
    warn: count("warn"),
    fail: count("fail"),
    unknown: count("unknown"),
    findings: findings.toSorted((a, b) => rank(a) - rank(b) || byCodePoint(a.id, b.id)),
  };
}

/** Tips that were looked at; undefined where they cannot be read, which a check says. */
async function asOfPatient({ ground, facts, history }: Patient): Promise<AsOfTips | undefined> {
  try {
    return await asOfView(ground, await facts(), (await history()).decisions);
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code === "internal.bug") throw cause;
    return undefined;
  }
}

async function findingsOf(check: DoctorCheck, patient: Patient): Promise<readonly DoctorFinding[]> {
  const symptoms = (await symptomsOf(check, patient)).toSorted((a, b) => rank(a) - rank(b));
  if (symptoms.length === 0) return [{ id: check.id, status: "ok", message: check.title, fix: null }];
  const shown = symptoms.slice(0, MAX_FINDINGS).map(({ status, message, fix }) => ({
    id: check.id,
    status,
    message: printable(message, MAX_MESSAGE),
    fix: fix === null ? null : printable(fix, MAX_MESSAGE),
  }));
  const [beyond] = symptoms.slice(MAX_FINDINGS);
  if (beyond === undefined) return shown;
  const message = `${symptoms.length - MAX_FINDINGS} more of ${check.id}`;
  return [...shown, { id: check.id, status: beyond.status, message, fix: "Put these right and run it again" }];
}

async function symptomsOf(check: DoctorCheck, patient: Patient): Promise<readonly Symptom[]> {
  try {
    return await check.run(patient);
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code === "internal.bug") throw cause;
    return [{ status: "unknown", message: `${cause.code}: ${cause.message}`, fix: cause.hints[0] ?? null }];
  }
}

function rank({ status }: Pick<DoctorFinding, "status">): number {
  return SEVERITY.indexOf(status);
}
