import { InFlight, type Lists } from "../../kernel/in-flight.ts";
import type { Oid } from "../../kernel/oid.ts";
import { byCodePoint } from "../../kernel/text.ts";
import type { Blob, Found } from "../../ports/git-store.ts";
import { atMost, fileBytes, limitExceeded } from "./limits.ts";
import type { ObjectDatabase } from "./object-database.ts";
import { unanswered } from "./raw-objects.ts";
import { FILE, FOLDER, isFolder } from "./tree-entry.ts";
import type { Tree } from "./tree.ts";

/** What stands at a path: a document or a folder. Links, submodules and programs are not there for a reader. */
export interface Located {
  readonly kind: "file" | "folder";
  readonly oid: Oid;
}

/** Finds what stands at a path below a tree; null where there is nothing. Throws `state.limit.exceeded` on too many names. */
export async function locate(objects: ObjectDatabase, root: Oid, path: string): Promise<Located | null> {
  if (path === "") return { kind: "folder", oid: root };
  const names = path.split("/");
  if (names.length > objects.limits.depth) throw limitExceeded(path, "names in a path", objects.limits.depth);
  let at: Located = { kind: "folder", oid: root };
  for (const name of names) {
    if (at.kind === "file") return null;
    const entry = (await objects.tree(at.oid)).find(name);
    if (entry === undefined || (entry.mode !== FILE && entry.mode !== FOLDER)) return null;
    at = { kind: isFolder(entry) ? "folder" : "file", oid: entry.oid };
  }
  return at;
}

/** Reads paths of one commit, in order. The bytes of one call are bounded in all. */
export async function readPaths(
  objects: ObjectDatabase,
  at: Oid,
  paths: readonly string[],
): Promise<readonly (Found | null)[]> {
  const { tree } = await objects.commit(at);
  let total = 0;
  return Promise.all(
    paths.map(async (path): Promise<Found | null> => {
      const found = await locate(objects, tree, path);
      if (found === null) return null;
      if (found.kind === "folder") return { oid: found.oid, names: namesOf(await objects.tree(found.oid)) };
      const bound = fileBytes(objects.limits, path);
      const bytes = await objects.blob(found.oid, (sizeBytes) => {
        if (sizeBytes > bound) throw limitExceeded(path, "bytes", bound);
        total += sizeBytes;
        if (total > objects.limits.totalBytes) throw limitExceeded("One read", "bytes", objects.limits.totalBytes);
      });
      return { oid: found.oid, bytes };
    }),
  );
}

function namesOf(tree: Tree): readonly string[] {
  return tree.entries
    .filter((entry) => entry.raw === null && (entry.mode === FILE || entry.mode === FOLDER))
    .map((entry) => (isFolder(entry) ? `${entry.name}/` : entry.name))
    .toSorted(byCodePoint);
}

/** Blobs that are asked for together; one such batch is on its way while the one before is taken. */
const BATCH = 64;

/** From this many blobs on, a process of their own is cheaper than a question for each. */
const MANY = 256;

/** Reads blobs by id, in the order given, a bounded number of them ahead, each as large as a document may be. */
export async function* readBlobs(objects: ObjectDatabase, oids: Lists<Oid>): AsyncGenerator<readonly Blob[]> {
  const flight = new InFlight(oids);
  const taken = (some: readonly Blob[]) => {
    flight.answer(some.length);
    return some;
  };
  try {
    if (objects.readMany !== undefined && (await flight.knows(MANY))) {
      const wanted = { oids: flight.lists(), kind: "blob", maxBytes: objects.limits.documentBytes } as const;
      for await (const some of objects.readMany(wanted)) yield taken(some);
    }
    // Few of them, or from the one on that could not be had, with the reason.
    const ask = (at: number) => startBatch(objects, flight.open(at, BATCH));
    await flight.knows(1);
    for (let batch = ask(0); batch.count > 0; ) {
      await flight.knows(batch.count + 1);
      const next = ask(batch.count);
      yield taken(await batch.blobs);
      batch = next;
    }
    // Throws what stopped the ids.
    await flight.lists().next();
  } finally {
    flight.end();
  }
}

/** A batch is waited for in its turn; until then an error is nobody's. */
function startBatch(objects: ObjectDatabase, oids: readonly Oid[]) {
  const blobs = blobsOf(objects, oids);
  blobs.catch(() => undefined);
  return { count: oids.length, blobs };
}

async function blobsOf(objects: ObjectDatabase, oids: readonly Oid[]): Promise<readonly Blob[]> {
  if (oids.length === 0) return [];
  const bound = objects.limits.documentBytes;
  const accept = (oid: Oid | undefined) => atMost(`Blob ${oid}`, bound);
  // Where one cannot be had, asking for each says which, and why.
  const all = await objects
    .readAll(oids, "blob", accept(oids[0]))
    .catch(() => Promise.all(oids.map((oid) => objects.blob(oid, accept(oid)))));
  return oids.map((oid, i) => ({ oid, bytes: all[i] ?? unanswered() }));
}
