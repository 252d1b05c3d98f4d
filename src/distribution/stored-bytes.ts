import { sha256Stream } from "../kernel/digest.ts";
import { ToolError } from "../kernel/errors.ts";
import { printable } from "../kernel/text.ts";
import type { ArtifactStore, Location } from "../ports/artifact-store.ts";
import type { ArtifactV1 } from "../schema/types.gen.ts";

/**
 * Where a store of this driver holds the bytes of a record; undefined where it does not. Of several places it is the newest that is
 * still there: each release has a copy of its own on a forge, and retention lets the old ones go.
 */
export async function locationIn(store: ArtifactStore, record: ArtifactV1 | undefined): Promise<Location | undefined> {
  if (record === undefined) return undefined;
  const places = record.locations.filter(({ driver }) => driver === store.driver).toReversed();
  if (places.length > 1)
    for (const place of places) if ((await store.stat(record.sha256, place)) !== null) return place;
  return places[0];
}

/** What helps where a record says that another kind of store holds its bytes; null where this one should. */
export function elsewhereHelp(store: Pick<ArtifactStore, "driver">, record: ArtifactV1 | undefined): string | null {
  const drivers = new Set(record?.locations.map(({ driver }) => driver));
  if (drivers.size === 0 || drivers.has(store.driver)) return null;
  return drivers.has("forge_asset")
    ? 'They are assets on GitHub: GITHUB_TOKEN="$(gh auth token)" reads them'
    : "Name the folder that holds them with --local-store";
}

/** Throws `artifact.elsewhere` where bytes would be looked for in a store that was never to hold them. */
export function refuseElsewhere(
  store: Pick<ArtifactStore, "driver">,
  record: ArtifactV1 | undefined,
  { filename, sha256 }: { readonly filename: string; readonly sha256: string },
): void {
  const help = elsewhereHelp(store, record);
  if (help === null) return;
  const message = `The bytes of ${printable(filename)} are in another store than this one`;
  throw new ToolError("artifact.elsewhere", message, { data: { sha256 }, hints: [help] });
}

/** Digest of what a store holds under a digest; null where it holds nothing. */
export async function hashStored(
  store: ArtifactStore,
  sha256: string,
  location: Location,
  onBytes: (bytes: number) => void,
): Promise<string | null> {
  const digest = sha256Stream();
  try {
    for await (const chunk of store.open(sha256, location)) {
      digest.update(chunk);
      onBytes(chunk.length);
    }
  } catch (cause) {
    if (cause instanceof ToolError && cause.code === "artifact.missing") return null;
    throw cause;
  }
  return digest.hex();
}

/** Digest of what a store holds: a forge is asked for its own before the bytes are read. Null where it holds nothing. */
export async function digestStored(
  store: ArtifactStore,
  sha256: string,
  location: Location,
  onBytes: (bytes: number) => void,
): Promise<string | null> {
  if (store.repository !== null) {
    const stored = await store.stat(sha256, location);
    if (stored === null || (stored.sha256 !== null && stored.sha256 !== sha256)) return stored && stored.sha256;
  }
  return hashStored(store, sha256, location, onBytes);
}

/** Stored bytes on their way to a file, hashed as they pass. `accept` throws `dist.artifact.digest_mismatch` where they are others. */
export function checkedBytes(
  store: ArtifactStore,
  wanted: { readonly sha256: string; readonly size_bytes: number; readonly filename: string },
  location: Location,
  onBytes: (doneBytes: number) => void,
): { readonly chunks: AsyncIterable<Uint8Array>; readonly accept: () => void } {
  const digest = sha256Stream();
  let doneBytes = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of store.open(wanted.sha256, location)) {
      doneBytes += chunk.length;
      // More than was published can only be something else; nobody's disk is filled with it.
      if (doneBytes > wanted.size_bytes) throw changed(wanted, null);
      digest.update(chunk);
      yield chunk;
      onBytes(doneBytes);
    }
  }
  const accept = () => {
    const found = digest.hex();
    if (found !== wanted.sha256) throw changed(wanted, found);
  };
  return { chunks: chunks(), accept };
}

function changed(wanted: { readonly sha256: string; readonly filename: string }, found: string | null): ToolError {
  return new ToolError(
    "dist.artifact.digest_mismatch",
    `The stored bytes of ${wanted.filename} are not those that were published`,
    {
      data: { expected: wanted.sha256, found: found ?? "more bytes than were published" },
      hints: [`dist artifact verify ${wanted.sha256}`, "Put the file back from a backup"],
    },
  );
}
