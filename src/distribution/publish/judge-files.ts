import { type Reason, reason, type Refused, refuse } from "../../kernel/errors.ts";
import { validationStatus } from "../../inspect/inspection.ts";
import { printable } from "../../kernel/text.ts";
import type { PolicyV1 } from "../../schema/types.gen.ts";
import { factsOf } from "../core/artifact-facts.ts";
import { expiryCheck } from "../core/expiry.ts";
import { identityRule, judgeIdentity, type Judged } from "../core/identity.ts";
import { findingsOf, type ReadFile } from "../core/release-draft.ts";
import type { TakenRow } from "./take-files.ts";

/** Files with everything that is known of them, and what people should hear. */
export interface JudgedFiles {
  readonly files: readonly ReadFile[];
  readonly warnings: readonly Reason[];
}

/** Holds every file against the identity rules of its app and looks at what ends soon. Another id refuses. */
export function judgeFiles(
  rows: readonly TakenRow[],
  app: Judged["app"],
  policy: PolicyV1,
  told: { readonly manifest: string; readonly at: string },
): JudgedFiles | Refused {
  const settings = Object.hasOwn(policy.apps, app.slug) ? policy.apps[app.slug] : undefined;
  const rules = typeof settings === "object" ? settings.identity : undefined;
  const judged = rows.map(({ row, taken }) => {
    const facts = factsOf(taken.inspection.facts);
    const artifact = {
      app,
      platform: row.platform,
      filename: row.filename,
      at: `${told.manifest}#${row.pointer}`,
      facts,
    };
    const identity = judgeIdentity(identityRule(rules, app, row.platform), artifact);
    const expiry = expiryCheck(facts.expiresAt, told.at);
    const checks = [...taken.inspection.checks, ...identity.checks, ...(expiry === null ? [] : [expiry])];
    const file: ReadFile = {
      row,
      sha256: taken.sha256,
      sizeBytes: taken.sizeBytes,
      inspection: { ...taken.inspection, checks },
      status: validationStatus(checks),
    };
    return { file, identity };
  });
  const [first, ...more] = judged.flatMap(({ identity }) => identity.mismatch ?? []);
  if (first !== undefined) return refuse(first, ...more);
  const warnings = judged.flatMap(({ file, identity }) => [...identity.warnings, ...findingWarnings(file)]);
  return { files: judged.map(({ file }) => file), warnings };
}

function findingWarnings(file: ReadFile): readonly Reason[] {
  const findings = findingsOf(file.inspection);
  if (findings.length === 0) return [];
  const { platform, filename } = file.row;
  const message = `${platform} ${printable(filename)}: ${findings.map((text) => printable(text)).join("; ")}`;
  const failed = file.inspection.checks.some(({ status }) => status === "failed");
  const hint = failed ? ["No strict channel takes it"] : [];
  return [reason("dist.validation.finding", message, { platform, filename: printable(filename), failed }, ...hint)];
}
