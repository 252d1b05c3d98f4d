import { sha256Stream } from "../kernel/digest.ts";
import { isRefused, type Reason, reason, type Refused, refuse } from "../kernel/errors.ts";
import { isOneLine, printable } from "../kernel/text.ts";
import type { Decisions } from "../gate/core/decisions.ts";
import { channelsOf } from "../gate/core/requirement.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { Files } from "../ports/files.ts";
import type { Log } from "../ports/log.ts";
import type { ArtifactRow, DistDownloadResultV1, ReleaseV1 } from "../schema/types.gen.ts";
import { openState } from "../state/transact.ts";
import type { View } from "../state/view.ts";
import { type ArtifactChoice, chooseArtifact } from "./core/choose-artifact.ts";
import { isObeyed } from "./core/obeyed-name.ts";
import { admit, type Desk } from "./desk.ts";
import { artifactKey } from "./documents.ts";
import { findApp, findRelease, unknownApp } from "./find-release.ts";
import { emittedChannel, readPointed, unusable, yankOf } from "./pointers.ts";
import { asOfView } from "./read/as-of.ts";
import { unknownName } from "./read/names.ts";
import { checkedBytes, locationIn, refuseElsewhere } from "./stored-bytes.ts";
import { NO_PROOF, type ShownProof } from "../state/proof-columns.ts";

/** What a download needs besides the desk. */
export interface DownloadGround {
  readonly artifacts: ArtifactStore;
  readonly files: Files;
  readonly log: Log;
}

/** Whose files are wanted. */
type DownloadSource =
  | { readonly app: string; readonly channel: string }
  | { readonly app: string; readonly release: string };

/** What `dist download` was asked for: the release that a channel points to, or one that is named. */
export interface DownloadWish extends ArtifactChoice {
  readonly from: DownloadSource;
  /** File or folder to write; null: the file's own name in the current folder. */
  readonly out: string | null;
  readonly force: boolean;
}

/** What was downloaded, and what people must know of it. */
export interface Downloaded {
  readonly result: DistDownloadResultV1;
  readonly warnings: readonly Reason[];
}

const CHUNK_BYTES = 1 << 18;

/**
 * Brings one file of a release to disk; it gets its name only when its digest is the published one. A file that has it already stays
 * untouched, another one is never replaced without `force`. A channel gives nothing that is withdrawn; a release that is named does,
 * with a warning.
 */
export async function download(desk: Desk, on: DownloadGround, wish: DownloadWish): Promise<Downloaded | Refused> {
  const need = { scope: "artifacts:read", app: wish.from.app } as const;
  const channel = "channel" in wish.from ? wish.from.channel : null;
  const admitted = await admit(desk, "dist download", channel === null ? need : { ...need, channel });
  if (isRefused(admitted)) return admitted;
  const facts = await openState(desk.ground);
  const found = await findSource(facts, admitted.decisions, wish.from);
  if (isRefused(found)) return found;
  const { release, ...proof } = found;
  const withdrawn = await unusable(facts, admitted.decisions, release);
  const isNamed = channel === null && withdrawn?.code === "release.yanked";
  if (withdrawn !== null && !isNamed) return refuse(withdrawn);
  const row = chooseArtifact(release, wish);
  if (isRefused(row)) return row;
  const path = await pathFor(on.files, wish.out, row.filename);
  if (isRefused(path)) return path;
  const refused = await bring(facts, on, row, { path, force: wish.force, planned: desk.dryRun });
  if (refused !== null) return refused;
  const yank = yankOf(admitted.decisions, release.id)?.document;
  const yanked = yank === undefined ? null : { reason: yank.reason, replacement: yank.replacement };
  const warnings = [...admitted.warnings, ...(withdrawn === null ? [] : [withdrawn])];
  const seen = { yanked, as_of: await asOfView(desk.ground, facts, admitted.decisions) };
  return { result: { ...describe(release, row), ...proof, planned: desk.dryRun, channel, path, ...seen }, warnings };
}

function describe(release: ReleaseV1, row: ArtifactRow) {
  return {
    schema: "dist-download-result.v1",
    app: release.app_id,
    release: { release_id: release.id, version: release.version, build: release.build },
    platform: row.platform,
    variant: row.variant,
    sha256: row.sha256,
    size_bytes: row.size_bytes,
    validation_status: row.validation_status,
  } as const;
}

/** The release to take a file from, and what proves that a channel points to it. */
type Source = ShownProof & { readonly release: ReleaseV1 };

async function findSource(facts: View, decisions: Decisions, from: DownloadSource): Promise<Source | Refused> {
  if ((await findApp(facts, from.app)) === undefined) return unknownApp(facts, from.app);
  if ("release" in from) {
    const known = await findRelease(facts, from.release, from.app);
    return isRefused(known) ? known : { release: known.release, ...NO_PROOF };
  }
  const { pointer, proof } = await emittedChannel(facts, decisions, from.app, from.channel);
  if (pointer === null) return unknownChannel(facts, decisions, from);
  const known = await readPointed(facts, pointer);
  return isRefused(known) ? known : { release: known.release, ...proof };
}

async function unknownChannel(
  facts: View,
  decisions: Decisions,
  { app, channel }: { readonly app: string; readonly channel: string },
): Promise<Refused> {
  const moved = (await facts.names(`dist/apps/${app}/channels`)).map((name) => name.replace(/\.json$/, ""));
  const known = [...new Set([...channelsOf(decisions.policy.document, app), ...moved])].filter(
    (name) => name !== channel,
  );
  const message = `The channel ${printable(channel)} of ${app} points to no release`;
  return refuse(unknownName("channel.not_found", message, channel, known, `dist channel list --app ${app}`));
}

/** Names from documents never become paths unseen: one plain name, or the user says another. */
async function pathFor(files: Files, out: string | null, filename: string): Promise<string | Refused> {
  const isFolder = out !== null && (out.endsWith("/") || (await files.stat(out))?.kind === "folder");
  if (out !== null && !isFolder) return out;
  if (!isOneLine(filename) || /[\\/]|^\.{0,2}$/.test(filename) || isObeyed(filename)) {
    const data = { filename: printable(filename) };
    const message = `${JSON.stringify(data.filename)} is no name for a file here`;
    return refuse(reason("dist.manifest.path_escape", message, data, "Name the file with --out"));
  }
  return out === null ? filename : `${out.replace(/\/+$/, "")}/${filename}`;
}

interface Target {
  readonly path: string;
  readonly force: boolean;
  readonly planned: boolean;
}

async function bring(facts: View, on: DownloadGround, row: ArtifactRow, target: Target): Promise<Refused | null> {
  const there = await on.files.stat(target.path);
  if (there !== null) {
    const isSame = there.kind === "file" && there.sizeBytes === row.size_bytes;
    if (isSame && (await hashOf(on.files, target.path)) === row.sha256) return null;
    if (!target.force || there.kind !== "file") return exists(target.path);
  }
  const record = await facts.find("artifact.v1", artifactKey(row.sha256));
  refuseElsewhere(on.artifacts, record, row);
  const location = await locationIn(on.artifacts, record);
  if (location === undefined || (await on.artifacts.stat(row.sha256, location)) === null) return missing(row);
  if (target.planned) return null;
  const task = on.log.task(`download ${printable(row.filename)}`, row.size_bytes, "bytes");
  const { chunks, accept } = checkedBytes(on.artifacts, row, location, (doneBytes) => task.step(doneBytes));
  await on.files.writeStream(target.path, chunks, accept);
  task.end();
  return null;
}

async function hashOf(files: Files, path: string): Promise<string> {
  const file = await files.open(path);
  try {
    const digest = sha256Stream();
    for (let offset = 0; offset < file.sizeBytes; ) {
      const bytes = await file.read(offset, CHUNK_BYTES);
      if (bytes.length === 0) break;
      digest.update(bytes);
      offset += bytes.length;
    }
    return digest.hex();
  } finally {
    await file.close();
  }
}

function exists(path: string): Refused {
  const data = { path: printable(path) };
  const message = `${data.path} is there already and is another file`;
  return refuse(reason("file.exists", message, data, "Add --force to replace it, or --out to write elsewhere"));
}

function missing(row: ArtifactRow): Refused {
  const message = `The bytes of ${printable(row.filename)} are not in this store`;
  const data = { sha256: row.sha256 };
  return refuse(reason("artifact.missing", message, data, "Name the folder that holds them with --local-store"));
}
