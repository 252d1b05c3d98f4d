import type { Oid } from "../../kernel/oid.ts";
import { byCodePoint } from "../../kernel/text.ts";
import type { Found, GitStore } from "../../ports/git-store.ts";
import type { Schemas } from "../../schema/schemas.ts";
import type { DocumentName, Documents } from "../../schema/types.gen.ts";
import type { DocumentSealing } from "../document-kind.ts";
import { isNoDocument } from "../no-document.ts";
import type { Ground } from "../transact.ts";
import type { View } from "../view.ts";
import { foldersAt } from "./files-below.ts";
import { documentOf, type FolderPlan } from "./plan.ts";
import { remakeSegments } from "./remake.ts";
import { lineOfBytes, MAX_SEGMENT_BYTES, type SealableFile, sizeOfLine } from "./segment.ts";
import { type SealedKind, sealedKinds } from "./segment-path.ts";

/** Files of one folder that a commit moves; of a larger folder a part goes at a time. */
const MAX_FILES = 5000;
/** Paths that are asked for together. */
const CHUNK = 500;

/** A folder with documents that may be over. */
export interface FolderCandidate extends SealedKind<DocumentSealing> {
  readonly folder: string;
  /** Files up to this path were looked at; "" before the first. */
  readonly after: string;
}

/** Folders that hold as many files as are worth a segment, by path. */
export async function fullFolders({ store, kinds }: Ground, tip: Oid): Promise<readonly FolderCandidate[]> {
  const candidates: FolderCandidate[] = [];
  for (const { kind, sealing } of sealedKinds(kinds)) {
    if (sealing.by !== "document") continue;
    const depth = sealing.folder.split("/").length;
    const counts = new Map<string, number>();
    for await (const { folder, names } of leaves(store, tip, kind.path)) {
      const top = folder.split("/").slice(0, depth).join("/");
      counts.set(top, (counts.get(top) ?? 0) + names.length);
    }
    for (const [folder, count] of counts)
      if (count >= sealing.least) candidates.push({ kind, sealing, folder, after: "" });
  }
  return candidates.toSorted((a, b) => byCodePoint(a.folder, b.folder));
}

/** Folders that documents of a template lie in, with the names of the files in each. */
async function* leaves(store: GitStore, at: Oid, template: string) {
  const folders = await foldersAt(store, at, template.slice(0, template.lastIndexOf("/")));
  for (let start = 0; start < folders.length; start += CHUNK) {
    const some = folders.slice(start, start + CHUNK);
    for (const [i, found] of (await store.read(at, some)).entries()) {
      const names = found && "names" in found ? found.names.filter((name) => name.endsWith(".json")) : [];
      yield { folder: some[i] ?? "", names };
    }
  }
}

/** What sealing a folder does, and what of it is left for the next commit. */
export interface DocumentsPlan {
  readonly plan: FolderPlan | null;
  readonly rest: FolderCandidate | null;
}

/**
 * Plans the move of those documents of a folder that are over since before a day and that the anchor holds as they are. Each of them
 * and the segments become part of the read set, and nothing else of the folder: who writes another document there is not disturbed.
 */
export async function planDocuments(
  { store, schemas }: Ground,
  view: View,
  asked: { readonly anchor: { readonly commit: Oid }; readonly before: string },
  candidate: FolderCandidate,
  most: number = MAX_FILES,
): Promise<DocumentsPlan> {
  const { kind, folder, after } = candidate;
  const all = (await pathsBelow(store, view.at, kind.path, folder)).filter((path) => byCodePoint(path, after) > 0);
  const paths = all.slice(0, most);
  const rest = all.length > most ? { ...candidate, after: paths.at(-1) ?? after } : null;
  const files = await linesOver({ store, schemas }, view.at, asked, candidate, paths);
  if (files.length < candidate.sealing.least) return { plan: null, rest };
  try {
    const remade = await remakeSegments({ schemas, view }, candidate, folder, { come: files, go: NONE });
    const moved = remade.come.map(({ path }) => path);
    const found = await view.files(moved);
    const [sizeBytesBefore, sizeBytesAfter] = remade.sizeBytes;
    const plan = {
      folder,
      documents: moved.length,
      sizeBytesBefore: found.reduce((sum, file) => sum + sizeOf(file), 0),
      sizeBytesAfter: sizeBytesAfter - sizeBytesBefore,
      segments: remade.segments,
      writes: new Map([...remade.writes, ...moved.map((path) => [path, null] as const)]),
      left: [],
    };
    return { plan: moved.length === 0 ? null : plan, rest };
  } catch (cause) {
    // What is no segment stays as it is, and so does what would go into it: verify names it.
    if (isNoDocument(cause)) return { plan: null, rest: null };
    throw cause;
  }
}

const NONE: ReadonlySet<string> = new Set();

function sizeOf(found: Found | null): number {
  return found !== null && "bytes" in found ? found.bytes.length : 0;
}

/** Files of one folder that lie where its kind's documents do, by path. */
async function pathsBelow(store: GitStore, at: Oid, template: string, folder: string): Promise<readonly string[]> {
  const rest = template.split("/").slice(folder.split("/").length);
  const paths: string[] = [];
  for await (const leaf of leaves(store, at, `${folder}/${rest.join("/")}`))
    for (const name of leaf.names) paths.push(`${leaf.folder}/${name}`);
  return paths.toSorted(byCodePoint);
}

/** Lines of the files whose documents are over, as the anchor holds them. What no reader takes is left where it is. */
async function linesOver(
  { store, schemas }: { readonly store: GitStore; readonly schemas: Schemas },
  at: Oid,
  asked: { readonly anchor: { readonly commit: Oid }; readonly before: string },
  { kind, sealing }: FolderCandidate,
  paths: readonly string[],
): Promise<readonly SealableFile[]> {
  const lines: SealableFile[] = [];
  for (let start = 0; start < paths.length; start += CHUNK) {
    const some = paths.slice(start, start + CHUNK);
    const now = await readable(store, at, some);
    const then = await readable(store, asked.anchor.commit, some);
    for (const [i, path] of some.entries()) {
      const found = now[i];
      if (!found || !("bytes" in found) || then[i]?.oid !== found.oid) continue;
      const document = documentOf(schemas, kind, path, found.bytes);
      if (document === null || !isOver(sealing, document, asked.before)) continue;
      const line = lineOfBytes(found.bytes, path);
      if (sizeOfLine(line) <= MAX_SEGMENT_BYTES) lines.push({ path, line });
    }
  }
  return lines;
}

function isOver(sealing: DocumentSealing, document: Documents[DocumentName], before: string): boolean {
  const since = sealing.since(document);
  return since !== null && since.slice(0, 10) < before;
}

/** Reads files together; where one of them is beyond a bound, one by one without it. */
async function readable(store: GitStore, at: Oid, paths: readonly string[]): Promise<readonly (Found | null)[]> {
  try {
    return await store.read(at, paths);
  } catch (cause) {
    if (!isNoDocument(cause)) throw cause;
    const [only] = paths;
    if (paths.length === 1 || only === undefined) return [null];
    return (await Promise.all(paths.map((path) => readable(store, at, [path])))).flat();
  }
}
