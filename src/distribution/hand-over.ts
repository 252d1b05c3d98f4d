import { isRefused, type Reason, reason, type Refused, refuse } from "../kernel/errors.ts";
import { byCodePoint, printable } from "../kernel/text.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { StateBundleV1 } from "../schema/types.gen.ts";
import type { StoredBytes } from "../state/hand-over/export.ts";
import { openState } from "../state/transact.ts";
import type { View } from "../state/view.ts";
import { admit, type Desk } from "./desk.ts";
import { artifactKey } from "./documents.ts";
import { findRelease } from "./find-release.ts";
import type { KnownRelease } from "./pointers.ts";
import { checkedBytes, locationIn, refuseElsewhere } from "./stored-bytes.ts";
import { type PublishedFile, publishedFiles } from "./verify-artifacts.ts";

/** What a hand-over bundle holds of this plane. */
export interface HandedOver {
  readonly release: StateBundleV1["release"];
  readonly artifacts: readonly StoredBytes[];
  readonly warnings: readonly Reason[];
}

/**
 * Finds the stored bytes of one release, or of all, for a hand-over bundle; each digest once, in order. What retention gave up is
 * left out. Refuses where bytes are missing that should be there.
 */
export async function handOver(
  desk: Desk,
  store: ArtifactStore,
  which: { readonly release: string } | "all",
): Promise<HandedOver | Refused> {
  const admitted = await admit(desk, "state export", { scope: "artifacts:read" });
  if (isRefused(admitted)) return admitted;
  const facts = await openState(desk.ground);
  const known = which === "all" ? null : await findRelease(facts, which.release, undefined);
  if (known !== null && isRefused(known)) return known;
  const files = await publishedFiles(facts, admitted.decisions, { app: null, which });
  if (isRefused(files)) return files;
  const artifacts = await bytesOf(facts, store, files);
  if (isRefused(artifacts)) return artifacts;
  const release = known === null ? null : bundledRelease(known);
  return { release, artifacts, warnings: admitted.warnings };
}

function bundledRelease({ release, digest }: KnownRelease): StateBundleV1["release"] {
  const { app_id: app, version, build, id: release_id } = release;
  return { app, version, build, release_id, sha256: digest };
}

async function bytesOf(
  facts: View,
  store: ArtifactStore,
  files: readonly PublishedFile[],
): Promise<readonly StoredBytes[] | Refused> {
  const found = new Map<string, StoredBytes>();
  for (const { row, retired } of files) {
    if (found.has(row.sha256) || retired) continue;
    const record = await facts.find("artifact.v1", artifactKey(row.sha256));
    refuseElsewhere(store, record, row);
    const location = await locationIn(store, record);
    if (location === undefined || (await store.stat(row.sha256, location)) === null) return missing(row);
    found.set(row.sha256, {
      sha256: row.sha256,
      size_bytes: row.size_bytes,
      filename: row.filename,
      async *open() {
        const { chunks, accept } = checkedBytes(store, row, location, () => undefined);
        yield* chunks;
        accept();
      },
    });
  }
  return [...found.values()].toSorted((a, b) => byCodePoint(a.sha256, b.sha256));
}

function missing({ filename, sha256 }: PublishedFile["row"]): Refused {
  const message = `The bytes of ${printable(filename)} are not in this store`;
  return refuse(reason("artifact.missing", message, { sha256 }, "Name the folder that holds them with --local-store"));
}
