import { sha256Stream } from "../../kernel/digest.ts";
import { ToolError } from "../../kernel/errors.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import { openZip, type ZipArchive } from "../../inspect/zip/archive.ts";
import { readMember, storedMember, streamMember } from "../../inspect/zip/member.ts";
import type { ZipEntry } from "../../inspect/zip/entry.ts";
import type { ArtifactStore } from "../../ports/artifact-store.ts";
import type { Bundles } from "../../ports/bundles.ts";
import type { Files } from "../../ports/files.ts";
import type { GitStore } from "../../ports/git-store.ts";
import type { Log } from "../../ports/log.ts";
import type { StateBundleV1 } from "../../schema/types.gen.ts";
import type { Schemas } from "../../schema/schemas.ts";
import { DECISIONS, STATE } from "../branches.ts";
import { HISTORY, invalidBundle, MANIFEST, namesOf, READ_ME } from "./bundle-form.ts";
import { rootOf } from "./root-of.ts";

/** Says of which repository the facts are. */
const SCOPE = "state.json";
/** Bytes of the largest manifest: one line of about 200 bytes for each stored file. */
const MAX_MANIFEST_BYTES = 64 << 20;
const MAX_READ_ME_BYTES = 65_536;

/** What importing needs; the repository and the store are opened, and made, once the bundle was looked at. */
export interface ImportGround {
  readonly schemas: Schemas;
  readonly files: Files;
  readonly log: Log;
  readonly openStore: () => Promise<GitStore>;
  readonly openBundles: () => Promise<Bundles>;
  readonly openArtifacts: () => Promise<ArtifactStore>;
}

/** What was imported. */
export interface Imported {
  readonly bundle: StateBundleV1;
  /** True where the repository held these branches already. */
  readonly unchanged: boolean;
}

/**
 * Brings a hand-over bundle into a repository that has none of its branches: first all objects, then stored files, and the branches
 * last, in one step, so that a crash leaves no branch and running again converges. Throws `state.bundle.invalid`,
 * `state.bundle.not_empty`, `state.repository.unsupported`.
 */
export async function importState(on: ImportGround, path: string, dryRun: boolean): Promise<Imported> {
  const file = await on.files.open(path);
  try {
    const archive = await openZip(file);
    const bundle = await manifestOf(on.schemas, archive);
    await checkBytes(on.log, archive, bundle);
    const tips = tipsOf(bundle);
    const store = await on.openStore();
    const unchanged = await isThere(store, tips);
    const fill = async () => {
      await compare(store, on.schemas, bundle, tips);
      if (!dryRun) await storeArtifacts(on, archive, bundle);
    };
    if (unchanged) await fill();
    else if (!dryRun) await takeHistory(on, archive, { bundle, tips, fill });
    return { bundle, unchanged };
  } catch (cause) {
    throw asOfBundle(cause);
  } finally {
    await file.close();
  }
}

async function manifestOf(schemas: Schemas, archive: ZipArchive): Promise<StateBundleV1> {
  const entry = archive.byName.get(MANIFEST);
  if (entry === undefined) throw invalidBundle(`it has no ${MANIFEST}`);
  const bytes = await readMember(archive, entry, MAX_MANIFEST_BYTES);
  const bundle = schemas.parse("state-bundle.v1", bytes, MANIFEST);
  const names = new Set(namesOf(bundle));
  const more = archive.entries.find(({ name }) => !names.has(name));
  if (more !== undefined) throw invalidBundle(`its manifest does not name ${printable(more.name)}`);
  for (const { path, size_bytes } of [bundle.history, ...bundle.artifacts]) {
    if (entryAt(archive, path).sizeBytes !== size_bytes) throw invalidBundle(`${path} has another size than it says`);
  }
  return bundle;
}

/** Branches of ours only: a bundle makes nothing else in a repository. */
function tipsOf({ branches }: StateBundleV1): ReadonlyMap<string, Oid> {
  const tips = new Map<string, Oid>();
  for (const { name, commit } of branches) {
    if (!(name === STATE || name === DECISIONS) || !isOid(commit) || tips.has(name))
      throw invalidBundle(`${printable(name)} is no branch that a bundle brings`);
    tips.set(name, commit);
  }
  if (!tips.has(STATE)) throw invalidBundle(`it has no ${STATE}`);
  return tips;
}

function entryAt(archive: ZipArchive, path: string): ZipEntry {
  const entry = archive.byName.get(path);
  if (entry === undefined) throw invalidBundle(`${path} is missing`);
  return entry;
}

/** True where the branches are those of the bundle, false where there are none. Throws `state.bundle.not_empty` for anything else. */
async function isThere(store: GitStore, tips: ReadonlyMap<string, Oid>): Promise<boolean> {
  // Also one that the bundle does not bring: its facts would stand beside decisions of others.
  const names = [STATE, DECISIONS];
  const heads = await Promise.all(names.map((name) => store.head(name)));
  if (heads.every((head) => head === null)) return false;
  if (names.every((name, i) => heads[i] === (tips.get(name) ?? null))) return true;
  const where = printable(store.location);
  throw new ToolError(
    "state.bundle.not_empty",
    `${where} holds branches of Waybill already, and others than the bundle`,
    {
      data: { location: where, found: heads },
      hints: ["Import into a new repository: waybill state import <bundle> ./copy.git"],
    },
  );
}

/** Reads everything once before anything is written anywhere; what is written for people has a checksum only. */
async function checkBytes(log: Log, archive: ZipArchive, { history, artifacts }: StateBundleV1): Promise<void> {
  const files = [history, ...artifacts];
  const total = files.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  const task = log.task("check bundle", total, "bytes");
  let done = 0;
  await readMember(archive, entryAt(archive, READ_ME), MAX_READ_ME_BYTES);
  for (const { path, size_bytes, sha256 } of files) {
    const digest = sha256Stream();
    for await (const chunk of streamMember(archive, entryAt(archive, path), size_bytes)) {
      digest.update(chunk);
      task.step((done += chunk.length));
    }
    if (digest.hex() !== sha256) throw invalidBundle(`${path} has another digest than it says`);
  }
  task.end();
}

/** Whatever is wrong with the zip or a document in it is wrong with the bundle. */
function asOfBundle(cause: unknown): unknown {
  const isOfBundle = cause instanceof ToolError && /^(inspect|state\.document|document|text)\./.test(cause.code);
  return isOfBundle ? invalidBundle(cause.message, cause) : cause;
}

/** What a bundle says of its history is believed by people, so it has to be what the history says. Throws `state.bundle.invalid`. */
async function compare(store: GitStore, schemas: Schemas, bundle: StateBundleV1, tips: ReadonlyMap<string, Oid>) {
  const state = tips.get(STATE);
  const [found] = state === undefined ? [] : await store.read(state, [SCOPE]);
  if (found === undefined || found === null || !("bytes" in found)) throw invalidBundle(`its history has no ${SCOPE}`);
  const { repo_id, tenant_id } = schemas.parse("state.v1", found.bytes, SCOPE);
  const root = await rootOf(store, tips.get(DECISIONS) ?? null);
  const said = { repo_id, tenant_id, root };
  const lie = (["root", "repo_id", "tenant_id"] as const).find((name) => bundle[name] !== said[name]);
  if (lie !== undefined) throw invalidBundle(`its ${MANIFEST} has another ${lie} than its history`);
}

async function storeArtifacts(on: ImportGround, archive: ZipArchive, bundle: StateBundleV1): Promise<void> {
  if (bundle.artifacts.length === 0) return;
  const store = await on.openArtifacts();
  const id = bundle.release?.release_id ?? bundle.repo_id;
  const draft = await store.draft({ id, tag: "", target: null, ref: null, title: "", notes: null, isNew: true });
  for (const { path, sha256, size_bytes, filename } of bundle.artifacts) {
    const task = on.log.task(`store ${printable(filename)}`, size_bytes, "bytes");
    const from = await storedMember(archive, entryAt(archive, path));
    // Each digest is a name of its own: two releases may give different bytes one name.
    const file = { name: sha256, label: "", contentType: "application/octet-stream", staged: null };
    await draft.put({ ...file, sizeBytes: size_bytes, sha256, from }, task);
    task.end();
  }
}

/** What is taken from a bundle; `fill` is done once all objects are here. */
interface Taken {
  readonly bundle: StateBundleV1;
  readonly tips: ReadonlyMap<string, Oid>;
  readonly fill: () => Promise<void>;
}

async function takeHistory(
  on: ImportGround,
  archive: ZipArchive,
  { bundle: { history }, tips, fill }: Taken,
): Promise<void> {
  const task = on.log.task("import history", history.size_bytes, "bytes");
  const digest = sha256Stream();
  let done = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of streamMember(archive, entryAt(archive, HISTORY), history.size_bytes)) {
      digest.update(chunk);
      yield chunk;
      task.step((done += chunk.length));
    }
  }
  const bundles = await on.openBundles();
  await bundles.take(chunks(), tips, async () => {
    if (digest.hex() !== history.sha256) throw invalidBundle(`${HISTORY} has another digest than it says`);
    task.end();
    await fill();
  });
}
