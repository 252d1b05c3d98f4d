import type { Act } from "../../kernel/act.ts";
import type {
  ArtifactRow,
  ArtifactV1,
  DocumentCheck,
  InspectionRecord,
  ReleaseSource,
  ReleaseV1,
  ValidationStatus,
} from "../../schema/types.gen.ts";
import { assetName } from "./asset-name.ts";
import type { Manifest } from "./manifest.ts";
import type { ManifestRow } from "./manifest-row.ts";

/** A file of a release as its bytes say it, after identity rules and expiry were looked at. */
export interface ReadFile {
  readonly row: ManifestRow;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly inspection: InspectionRecord;
  /** What all checks together come to. */
  readonly status: ValidationStatus;
}

/** What one publish asks for, once its files were read. */
export interface Request {
  readonly manifest: Manifest;
  readonly files: readonly ReadFile[];
  readonly source: ReleaseSource;
}

/** Which bytes for which platform: two publishes with equal sets are one release. */
export function setOf(rows: readonly Pick<ArtifactRow, "platform" | "variant" | "sha256">[]): string {
  return JSON.stringify(
    rows.map(({ platform, variant, sha256 }) => JSON.stringify([platform, variant, sha256])).toSorted(),
  );
}

/** The set that a request asks for. */
export function requestedSet({ files }: Request): string {
  return setOf(files.map(({ row, sha256 }) => ({ platform: row.platform, variant: row.variant, sha256 })));
}

/** Where the bytes of a digest lie in a store, by its driver. */
function storageKey(driver: "file" | "forge_asset", filename: string, sha256: string): string {
  return driver === "file" ? `${sha256.slice(0, 2)}/${sha256}` : assetName(filename, sha256);
}

/** The intent: a draft that names every file before one is stored. Nothing was validated yet as far as readers know. */
export function draftRelease(request: Request, driver: "file" | "forge_asset", act: Act): ReleaseV1 {
  const { manifest, files, source } = request;
  const id = act.id("rel");
  return {
    schema: "release.v1",
    id,
    app_id: manifest.app,
    version: manifest.version,
    build: manifest.build,
    channel: manifest.channel,
    notes: manifest.notes,
    created_by: { ...act.actor },
    created_at: act.at,
    published_at: null,
    status: "draft",
    source,
    forge: null,
    artifacts: files.map((file) => artifactRow(file, { id: act.id("art"), app: manifest.app, release: id, driver })),
  };
}

function artifactRow(
  { row, sha256, sizeBytes }: ReadFile,
  of: { readonly id: string; readonly app: string; readonly release: string; readonly driver: "file" | "forge_asset" },
): ArtifactRow {
  return {
    id: of.id,
    app_id: of.app,
    release_id: of.release,
    platform: row.platform,
    variant: row.variant,
    filename: row.filename,
    content_type: row.contentType,
    size_bytes: sizeBytes,
    sha256,
    storage_key: storageKey(of.driver, row.filename, sha256),
    metadata: { ...row.metadata },
    validation_status: "pending",
  };
}

/** The release as it is published: ids of the intent, content of the request. It never changes afterwards. */
export function publishedRelease(intent: ReleaseV1, request: Request, act: Act): ReleaseV1 {
  const ids = new Map(intent.artifacts.map((row) => [keyOf(row), row]));
  const rows = request.files.map((file) => {
    const known = ids.get(keyOf({ ...file.row, sha256: file.sha256 }));
    const fresh = artifactRow(file, {
      id: known?.id ?? act.id("art"),
      app: intent.app_id,
      release: intent.id,
      driver: known?.storage_key.includes("/") === false ? "forge_asset" : "file",
    });
    return { ...fresh, validation_status: file.status };
  });
  return {
    ...intent,
    channel: request.manifest.channel,
    notes: request.manifest.notes,
    // A tag on a forge names the commit of the intent, whoever finishes the publish.
    source: intent.forge === null ? request.source : intent.source,
    published_at: act.at,
    status: "published",
    artifacts: rows,
  };
}

function keyOf({ platform, variant, sha256 }: Pick<ArtifactRow, "platform" | "variant" | "sha256">): string {
  return JSON.stringify([platform, variant, sha256]);
}

/** Checks that people must know of: warnings and failures, worst first. */
export function findingsOf({
  checks,
}: {
  readonly checks: readonly Pick<DocumentCheck, "status" | "message">[];
}): readonly string[] {
  const of = (status: DocumentCheck["status"]) =>
    checks.filter((check) => check.status === status).map(({ message }) => message);
  return [...of("failed"), ...of("warning")];
}

type Location = ArtifactV1["locations"][number];

/** The record of bytes that were stored: a new one, or the known one with a further location. */
export function artifactRecord(
  known: ArtifactV1 | undefined,
  file: ReadFile,
  location: Location,
  act: Act,
): ArtifactV1 {
  if (known !== undefined) {
    const isThere = known.locations.some(
      (one) => one.driver === location.driver && one.release_id === location.release_id,
    );
    return isThere ? known : { ...known, locations: [...known.locations, location] };
  }
  return {
    schema: "artifact.v1",
    sha256: file.sha256,
    size_bytes: file.sizeBytes,
    first_seen_at: act.at,
    inspection: file.inspection,
    locations: [location],
  };
}
