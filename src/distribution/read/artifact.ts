import { isSha256 } from "../../kernel/digest.ts";
import { isRefused, reason, type Refused, refuse } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import { validationStatus } from "../../inspect/inspection.ts";
import type { GateGround } from "../../gate/ground.ts";
import type { Database } from "../../ports/sql.ts";
import type { ArtifactUse, DistArtifactShowResultV1 } from "../../schema/types.gen.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import { openState } from "../../state/transact.ts";
import { PLATFORMS } from "../core/platform.ts";
import { artifactKey } from "../documents.ts";
import { asOfTips } from "./as-of.ts";
import { isData } from "../../kernel/json.ts";
import { ask, type Row } from "./record.ts";
import type { Told } from "./told.ts";

/** Shortest beginning of a digest that names an artifact. */
const MIN_PREFIX = 12;

const USES = `SELECT a.*, r.version, r.build FROM artifacts a JOIN releases r ON r.app = a.app AND r.version_key = a.version_key
  WHERE a.sha256 = ? ORDER BY a.app, r.version_key DESC, a.platform, a.filename, a.id`;

/** Shows bytes: what they are, where they lie, and which releases have them. Named by digest, its beginning, or the id of a row. */
export async function showArtifact(
  { database, asOf }: Snapshot,
  openGround: () => Promise<GateGround>,
  text: string,
): Promise<Told<DistArtifactShowResultV1> | Refused> {
  const sha256 = digestNamed(database, text);
  if (isRefused(sha256)) return sha256;
  const facts = await openState(await openGround(), asOf.state);
  const artifact = await facts.find("artifact.v1", artifactKey(sha256));
  if (artifact === undefined) return unknown(text);
  const checks = artifact.inspection.checks.map((check) => ({
    ...check,
    detail: isData(check.detail) ? check.detail : {},
  }));
  return {
    result: {
      schema: "dist-artifact-show-result.v1",
      artifact,
      validation_status: validationStatus(checks),
      used_by: ask(database, USES, [sha256]).rows.map(useOf),
      as_of: asOfTips(asOf),
    },
    warnings: [],
  };
}

/** Finds the one digest that a text names. */
function digestNamed(database: Database, text: string): string | Refused {
  if (text.startsWith("art_")) {
    const [row, other] = ask(
      database,
      "SELECT DISTINCT sha256 FROM artifacts WHERE id = ? ORDER BY sha256",
      [text],
      2,
    ).rows;
    return other === undefined ? (row?.text("sha256") ?? unknown(text)) : reused(text, other.text("sha256"));
  }
  if (!/^[0-9a-f]{1,64}$/.test(text) || text.length < MIN_PREFIX) return noDigest(text);
  if (isSha256(text)) return text;
  // `g` sorts after every hex digit.
  const sql = "SELECT sha256 FROM artifact_records WHERE sha256 >= ?1 AND sha256 < ?1 || 'g' ORDER BY sha256";
  const [only, another] = ask(database, sql, [text], 2).rows;
  if (only === undefined) return unknown(text);
  if (another === undefined) return only.text("sha256");
  return refuse(
    reason("usage.invalid_argument", `More than one artifact begins with ${text}`, {}, "Give more of the digest"),
  );
}

function useOf(row: Row): ArtifactUse {
  return {
    app: row.text("app"),
    release_id: row.text("release_id"),
    version: row.text("version"),
    build: row.textOrNull("build"),
    platform: row.oneOf("platform", PLATFORMS),
    filename: row.text("filename"),
  };
}

/** An id that stands for several bytes names none of them. */
function reused(id: string, sha256: string): Refused {
  const hint = `Name the bytes by digest, as in dist artifact show ${sha256}`;
  return refuse(
    reason("release.id_reused", `Several artifacts have the id ${id}`, { id }, hint, "waybill state verify"),
  );
}

function unknown(text: string): Refused {
  const found = printable(text);
  return refuse(reason("dist.artifact.not_found", `There is no artifact ${found}`, { found }, "dist artifact list"));
}

function noDigest(text: string): Refused {
  const message = `${printable(text)} names no artifact: it takes a digest, at least ${MIN_PREFIX} hex digits of one, or art_…`;
  return refuse(reason("usage.invalid_argument", message, {}, "dist artifact list"));
}
