import { sha256Stream } from "../../kernel/digest.ts";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { ArchiveFile, PrintZip } from "../../ports/archives.ts";
import type { Bundles } from "../../ports/bundles.ts";
import type { Files } from "../../ports/files.ts";
import type { Log } from "../../ports/log.ts";
import type { BundledArtifact, StateBundleV1, StateExportResultV1 } from "../../schema/types.gen.ts";
import { DECISIONS, STATE } from "../branches.ts";
import { type Ground, openState } from "../transact.ts";
import { LARGEST_TOTAL } from "../../inspect/zip/archive.ts";
import { atOneMoment } from "../one-moment.ts";
import { artifactPath, HISTORY, MANIFEST, READ_ME } from "./bundle-form.ts";
import { readMeOf } from "./read-me.ts";
import { rootOf } from "./root-of.ts";

/** Room for what a bundle says of itself. */
const MANIFEST_BYTES = 64 << 20;

/** What exporting needs besides the ground. */
export interface ExportGround {
  readonly bundles: Bundles;
  readonly printZip: PrintZip;
  readonly files: Files;
  readonly log: Log;
}

/** Stored bytes that go along; `open` throws where they are not those that were published. */
export interface StoredBytes extends Omit<BundledArtifact, "path"> {
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** What goes into the bundle besides the history. */
export interface ExportAsked {
  readonly release: StateBundleV1["release"];
  readonly artifacts: readonly StoredBytes[];
  /** File to write; null: a name made of the repository's id and the tip. */
  readonly out: string | null;
  readonly force: boolean;
}

/**
 * Writes both branches with their whole history, and stored bytes, into one zip, which has everything that `state verify` needs. The
 * same tips and bytes give the same file. Throws `file.exists`, `state.object.missing`, and what reading the bytes throws; the file
 * gets its name when it is whole.
 */
export async function exportState(ground: Ground, on: ExportGround, asked: ExportAsked): Promise<StateExportResultV1> {
  const { store, schemas } = ground;
  const moment = await atOneMoment(store);
  const facts = await openState({ ...ground, store: moment });
  const decisions = await moment.head(DECISIONS);
  const state = facts.at;
  const scope = await facts.find("state.v1", {});
  if (scope === undefined) throw new ToolError("state.document.invalid", "waybill/state has no state.json");
  const { tenant_id, repo_id } = scope;
  const out = asked.out ?? `${repo_id}-${state.slice(0, 12)}.zip`;
  if (!asked.force && (await on.files.stat(out)) !== null) throw exists(out);
  const tips = new Map([...(decisions === null ? [] : [[DECISIONS, decisions] as const]), [STATE, state]]);
  const packing = on.log.task("pack history", null);
  const made = await on.bundles.make(tips);
  packing.end();
  try {
    const bundle: StateBundleV1 = {
      schema: "state-bundle.v1",
      tenant_id,
      repo_id,
      root: await rootOf(store, decisions),
      branches: [...tips].map(([name, commit]) => ({ name, commit })),
      history: { path: HISTORY, size_bytes: made.sizeBytes, sha256: made.sha256 },
      release: asked.release,
      artifacts: asked.artifacts.map(({ sha256, size_bytes, filename }) => ({
        path: artifactPath(sha256),
        size_bytes,
        sha256,
        filename,
      })),
    };
    if (totalOf(bundle) > LARGEST_TOTAL - MANIFEST_BYTES) throw tooLarge(totalOf(bundle));
    const files: readonly ArchiveFile[] = [
      { name: READ_ME, open: () => whole(new TextEncoder().encode(readMeOf(bundle))) },
      { name: MANIFEST, open: () => whole(schemas.print("state-bundle.v1", bundle)) },
      { name: HISTORY, open: () => made.open() },
      ...asked.artifacts.map(({ sha256, open }) => ({ name: artifactPath(sha256), open })),
    ];
    const { at } = await store.commit(state);
    const written = await write(on, out, on.printZip(files, at), totalOf(bundle));
    return { schema: "state-export-result.v1", path: out, ...written, bundle };
  } finally {
    await made.drop();
  }
}

function totalOf({ history, artifacts }: StateBundleV1): number {
  return artifacts.reduce((sum, { size_bytes }) => sum + size_bytes, history.size_bytes);
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function write({ files, log }: ExportGround, path: string, chunks: AsyncIterable<Uint8Array>, total: number) {
  const task = log.task(`write ${printable(path)}`, total, "bytes");
  const digest = sha256Stream();
  let size_bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      digest.update(chunk);
      size_bytes += chunk.length;
      yield chunk;
      task.step(Math.min(size_bytes, total));
    }
  }
  await files.writeStream(path, counted(), () => undefined);
  task.end();
  return { size_bytes, sha256: digest.hex() };
}

/** What nobody could import is not written. */
function tooLarge(sizeBytes: number): ToolError {
  return new ToolError("file.too_large", `A bundle of ${sizeBytes} bytes is larger than what import takes`, {
    data: { size_bytes: sizeBytes, max_bytes: LARGEST_TOTAL },
    hints: ["Hand over the files of single releases: --release <app>@<version>"],
  });
}

function exists(path: string): ToolError {
  const shown = printable(path);
  return new ToolError("file.exists", `${shown} is there already`, {
    data: { path: shown },
    hints: ["Add --force to replace it, or --out to write elsewhere"],
  });
}
