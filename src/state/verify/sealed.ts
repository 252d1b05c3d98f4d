import { sha256Hex } from "../../kernel/digest.ts";
import { ToolError } from "../../kernel/errors.ts";
import { isData } from "../../kernel/json.ts";
import { byCodePoint, printable } from "../../kernel/text.ts";
import type { Commit } from "../../ports/git-store.ts";
import type { AuditEventV1 } from "../../schema/types.gen.ts";
import { boundedBlob } from "../blobs.ts";
import { isNoDocument } from "../no-document.ts";
import { filesBelow, MAX_FILES_BELOW } from "../seal/files-below.ts";
import { lineOf } from "../seal/plan.ts";
import { SEALED } from "../seal/seal.ts";
import { bytesOfLine, readSegment, type SealedDocument, sizeOfLine, splitLines } from "../seal/segment.ts";
import { type Segment, sealedFolder, segmentFinder, segmentPath } from "../seal/segment-path.ts";
import { reportAltered } from "./altered.ts";
import type { ChangedFile, VerifyCheck, Walk } from "./check.ts";
import { reportChanged } from "./frozen.ts";
import { DocumentsSeal, type Made } from "./sealed-documents.ts";
import { finding } from "./sealed-finding.ts";
import { lineBefore } from "./sealed-lines.ts";
import { type SealedMemory, sealedMemory } from "./sealed-memory.ts";

/**
 * `seal.exact`: a commit that seals moves files into segments and does nothing else, so that the segments are those that anyone would
 * make of these files; one that changes a sealed document takes it out and leaves the others as they are. `seal.frozen`: segments of a
 * day never change. `seal.late`: nothing is added to a day that is sealed, or beside its own line. Any other removal of a document that
 * is sealed one day is `audit.append_only` or its like.
 */
export const sealed: VerifyCheck = {
  rules: ["audit.append_only", "seal.exact", "seal.frozen", "seal.late"],
  begin: async (walk) => {
    const segmentOf = segmentFinder(walk.ground.kinds);
    const memory = sealedMemory(walk);
    let seal = new SealCommit(walk);
    return {
      onStart() {
        seal = new SealCommit(walk);
      },
      async onFile(file, commit) {
        const segment = segmentOf(file.path);
        if (segment?.sealing.by === "document") seal.open(segment, file);
        else if (segment !== undefined) await onSegment(walk, seal, { file, commit, segment, memory });
        else await onDocument(walk, seal, { file, commit, memory });
      },
      onCommit: (commit) => seal.end(commit, memory),
    };
  },
};

/** One file of a commit. */
interface Seen {
  readonly file: ChangedFile;
  readonly commit: Commit;
  readonly memory: SealedMemory;
}

async function onSegment(
  { ground, report }: Walk,
  seal: SealCommit,
  { file, commit, segment, memory }: Seen & { readonly segment: Segment },
): Promise<void> {
  const { path, before, after } = file;
  if (before !== null || after === null || (await memory.has(segment.folder))) {
    const what = after === null ? "was removed" : before === null ? "was added to what is sealed" : "changed";
    report(finding("seal.frozen", commit, path, `${printable(path)} ${what}; segments of a day never change`));
    seal.another(path);
    return;
  }
  const blob = await boundedBlob(ground.store, after.oid);
  if (blob === null) return;
  const { bytes, tooLarge } = blob;
  try {
    if (tooLarge !== undefined) throw tooLarge;
    const documents = readSegment(ground.schemas, segment, bytes);
    if (!seal.add(segment, path, bytes, documents))
      report(finding("seal.exact", commit, path, `more than ${MAX_FILES_BELOW} documents are sealed at once`));
  } catch (cause) {
    if (!(cause instanceof ToolError) || !isNoDocument(cause)) throw cause;
    report(finding("seal.exact", commit, path, printable(cause.message, 300), { code: cause.code }));
    seal.add(segment, path, bytes ?? new Uint8Array(), []);
  }
}

async function onDocument(walk: Walk, seal: SealCommit, { file, commit, memory }: Seen): Promise<void> {
  const { path, place, before, after } = file;
  const folder = place && sealedFolder(place.kind, place.key);
  if (place === undefined || folder === undefined) {
    // What was no document goes with the folder that it lay in.
    if (after !== null || !seal.isBelow(path)) seal.another(path);
    return;
  }
  if (after === null) {
    if (before !== null) seal.remove(folder, file, commit);
    return;
  }
  if (before !== null) {
    seal.another(path);
    return;
  }
  const { sealed: sealing } = place.kind;
  if (sealing?.by === "document") {
    seal.another(path);
    const segment = { kind: place.kind, sealing, folder, key: place.key, number: 1 };
    await onAdded(walk, seal, { file, commit, memory, segment });
  } else await onEvent(walk, seal, { file, commit, memory }, folder);
}

/** A new file of a day. */
async function onEvent(
  { report }: Walk,
  seal: SealCommit,
  { file, commit, memory }: Seen,
  folder: string,
): Promise<void> {
  const { path, after } = file;
  if (seal.folders.has(folder) || (await memory.has(folder))) {
    const message = `${printable(path)} was added to ${printable(folder)}, which is sealed`;
    report(finding("seal.late", commit, path, message, { folder }));
  }
  const document = after?.document;
  const isEvent = document !== undefined && "schema" in document && document.schema === "audit-event.v1";
  if (isEvent && document.action === SEALED) seal.events.push(document);
  else seal.another(path);
}

/** A file of a folder whose documents are sealed one by one: a new one, one that leaves its segment, or one beside its line. */
async function onAdded(
  { ground, report }: Walk,
  seal: SealCommit,
  { file, commit, memory, segment }: Seen & { readonly segment: Segment },
): Promise<void> {
  const { path, place } = file;
  const [parent] = commit.parents;
  if (place === undefined || parent === undefined || !(await memory.mayHold(segment, path))) return;
  if (seal.documents.get(segment.folder)?.leave(file) === true) return;
  const line = await lineBefore(ground, segment, parent, path);
  if (line === undefined) return;
  const message = `${printable(path)} was added beside its line in a segment of ${printable(segment.folder)}`;
  report(finding("seal.late", commit, path, message, { folder: segment.folder }));
}

/** Segments of one folder that a commit adds. */
interface FolderSeal {
  readonly segment: Segment;
  readonly parts: Map<number, { readonly path: string; readonly sha256: string; readonly lines: readonly Line[] }>;
  /** Digest of every line's file that was not met yet, with the segment. */
  readonly open: Map<string, { readonly sha256: string; readonly segment: string }>;
}

type Line = Pick<SealedDocument, "path"> & { readonly sizeBytes: number };

/** What one commit seals. Memory is bounded by its segments: files are compared as they come, after all segments of their folder. */
class SealCommit {
  readonly folders = new Map<string, FolderSeal>();
  readonly documents = new Map<string, DocumentsSeal>();
  readonly events: AuditEventV1[] = [];
  readonly #walk: Walk;
  #other: string | null = null;
  #count = 0;

  constructor(walk: Walk) {
    this.#walk = walk;
  }

  /** Notes a change that no seal makes. */
  another(path: string): void {
    this.#other ??= path;
  }

  /** Notes that a segment of documents that are sealed one by one changes. */
  open(segment: Segment, { after }: ChangedFile): void {
    const on = this.documents.get(segment.folder) ?? new DocumentsSeal(this.#walk, segment);
    this.documents.set(segment.folder, on);
    if (after !== null) on.change(segment.number);
  }

  isBelow(path: string): boolean {
    for (const folder of this.folders.keys()) if (path.startsWith(`${folder}/`)) return true;
    return false;
  }

  /** Takes a segment; false where that would be more than any seal has, and its lines are left out. */
  add(segment: Segment, path: string, bytes: Uint8Array, given: readonly SealedDocument[]): boolean {
    this.#count += given.length;
    const documents = this.#count > MAX_FILES_BELOW ? [] : given;
    const on = this.folders.get(segment.folder) ?? { segment, parts: new Map(), open: new Map() };
    this.folders.set(segment.folder, on);
    const lines = documents.map((one) => ({ path: one.path, sizeBytes: sizeOfLine(one.line) }));
    on.parts.set(segment.number, { path, sha256: sha256Hex(bytes), lines });
    for (const one of documents)
      on.open.set(one.path, { sha256: sha256Hex(bytesOfLine(one.line, one.path)), segment: path });
    return documents === given;
  }

  /** A file goes: into a segment of this commit that says the same, or against the rules. */
  remove(folder: string, file: ChangedFile, commit: Commit): void {
    const on = this.folders.get(folder);
    const { path, before } = file;
    if (this.documents.get(folder)?.take(file) === true) return;
    if (on === undefined) {
      reportChanged(file, commit, this.#walk.report);
      reportAltered(file, commit, this.#walk.report);
      this.another(path);
      return;
    }
    const line = on.open.get(path);
    on.open.delete(path);
    if (line !== undefined && line.sha256 === sha256Hex(before?.bytes ?? new Uint8Array())) return;
    const what = line === undefined ? "was removed and is in no segment" : `is another in ${printable(line.segment)}`;
    this.#exact(commit, path, `${printable(path)} ${what}`);
  }

  /** After the last file of the commit. */
  async end(commit: Commit, memory: SealedMemory): Promise<void> {
    const made: Made[] = [];
    let seals = this.folders.size > 0;
    for (const [folder, on] of this.folders) {
      await this.#endDay(commit, folder, on);
      memory.rememberDay(folder);
      for (const { path, sha256, lines } of on.parts.values()) made.push({ path, documents: lines.length, sha256 });
    }
    for (const on of this.documents.values()) {
      const done = await on.end(commit, memory);
      made.push(...done.segments);
      seals ||= done.seals;
    }
    if (!seals) return;
    const other = this.#other;
    if (other !== null) this.#exact(commit, other, `${printable(other)} changed in a commit that seals`);
    const [event, ...more] = this.events;
    if (event === undefined || more.length > 0 || !namesSegments(event, made))
      this.#exact(commit, null, `no event ${SEALED} of the commit names exactly its segments`);
  }

  async #endDay(commit: Commit, folder: string, on: FolderSeal): Promise<void> {
    for (const [path, { segment }] of on.open)
      this.#exact(commit, path, `${printable(path)} is in ${printable(segment)} and was no file before`);
    const why = disorderOf(on);
    if (why !== null) this.#exact(commit, segmentPath(folder, 1), `${printable(folder)}: ${why}`);
    for (const path of await this.#leftIn(commit, on))
      this.#exact(commit, path, `${printable(path)} was left out of its segment`);
  }

  /** Documents of a sealed folder that stayed files. */
  async #leftIn({ commit }: Commit, { segment }: FolderSeal): Promise<readonly string[]> {
    const { store, schemas } = this.#walk.ground;
    const files = await filesBelow(store, commit, segment.folder).catch((cause: unknown) => {
      if (isNoDocument(cause)) return [];
      throw cause;
    });
    return files.flatMap(({ path, bytes }) => (lineOf(schemas, segment.kind, path, bytes) === null ? [] : [path]));
  }

  #exact(commit: Commit, path: string | null, message: string): void {
    this.#walk.report(finding("seal.exact", commit, path, message));
  }
}

/** Why segments are not those that anyone would make of the same lines; null where they are. */
function disorderOf({ parts }: FolderSeal): string | null {
  const ordered = [...parts].toSorted(([a], [b]) => a - b);
  if (ordered.some(([number], i) => number !== i + 1)) return "its segments are not counted one by one";
  const lines = ordered.flatMap(([, part]) => part.lines);
  // Lines are in order within a segment already.
  if (lines.some(({ path }, i) => i > 0 && byCodePoint(path, lines[i - 1]?.path ?? "") <= 0))
    return "its segments are out of order";
  const counts = splitLines(lines.map(({ sizeBytes }) => sizeBytes));
  const isFilled = ordered.every(([, part], i) => part.lines.length === counts[i]);
  return isFilled || lines.length === 0 ? null : "its segments are not filled one after the other";
}

/** Tells whether the event of a seal names its segments, each with how many documents and which digest, and no others. */
function namesSegments({ metadata }: AuditEventV1, made: readonly Made[]): boolean {
  const named = metadata["segments"];
  if (!Array.isArray(named)) return false;
  return named.map(rowText).toSorted().join("\n") === made.map(rowText).toSorted().join("\n");
}

function rowText(row: unknown): string {
  return isData(row) ? JSON.stringify([row["path"], row["documents"], row["sha256"]]) : "";
}
