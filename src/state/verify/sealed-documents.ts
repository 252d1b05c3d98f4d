import { sha256Hex } from "../../kernel/digest.ts";
import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Commit } from "../../ports/git-store.ts";
import { isNoDocument } from "../no-document.ts";
import type { SealedDocument } from "../seal/segment.ts";
import { type Segment, segmentPath } from "../seal/segment-path.ts";
import { membersBeyond } from "./altered.ts";
import type { ChangedFile, Side, Walk } from "./check.ts";
import { finding } from "./sealed-finding.ts";
import { changedLines, type ChangedLines, fileDigest, isOver } from "./sealed-lines.ts";
import type { SealedMemory } from "./sealed-memory.ts";

/** A segment that a commit made, as the event of a seal names it. */
export interface Made {
  readonly path: string;
  readonly documents: number;
  readonly sha256: string;
}

/** What one commit does to the segments of one folder whose documents are sealed one by one. */
export class DocumentsSeal {
  readonly #walk: Walk;
  readonly #segment: Segment;
  /** Digests of the files that went, by path. */
  readonly #moved = new Map<string, string>();
  /** Numbers of the segments that were made or changed. */
  readonly #changed = new Set<number>();
  /** Files that came where a line was. */
  readonly #left = new Map<string, Side>();

  constructor(walk: Walk, segment: Segment) {
    this.#walk = walk;
    this.#segment = segment;
  }

  /** Notes that a segment was made or changed; at the end it must be one of those that follow each other from the first. */
  change(number: number): void {
    this.#changed.add(number);
  }

  /** Takes a file that went; its line must be there at the end. */
  take({ path, before }: ChangedFile): boolean {
    if (before !== null) this.#moved.set(path, sha256Hex(before.bytes));
    return true;
  }

  /** Takes a file that came where a line was; the line must be gone at the end, so of a document that never changes this is none. */
  leave({ path, after }: ChangedFile): boolean {
    if (after === null || this.#segment.kind.life !== "mutable") return false;
    this.#left.set(path, after);
    return true;
  }

  /** After the last file of the commit. Answers its segments, and whether it moved anything into them. */
  async end(
    commit: Commit,
    memory: SealedMemory,
  ): Promise<{ readonly segments: readonly Made[]; readonly seals: boolean }> {
    const lines = await this.#read(commit);
    if (lines === null) return { segments: [], seals: false };
    for (const line of lines.come) this.#checkCome(commit, line);
    for (const line of lines.gone) this.#checkGone(commit, line, lines);
    for (const path of this.#moved.keys())
      this.#exact(commit, path, `${printable(path)} was removed and is in no segment`);
    for (const path of this.#left.keys())
      this.#report(finding("seal.late", commit, path, `${printable(path)} was added beside its line in a segment`));
    const { folder } = this.#segment;
    // Readers come to it only once others fill the gap before it.
    for (const number of this.#changed)
      if (number > lines.count)
        this.#exact(
          commit,
          segmentPath(folder, number),
          `${printable(segmentPath(folder, number))} follows no segment`,
        );
    for (const why of lines.wrong) this.#exact(commit, segmentPath(folder, 1), `${printable(folder)}: ${why}`);
    await memory.remember(this.#segment, pathsOf(lines.come), pathsOf(lines.gone));
    return { segments: lines.segments, seals: lines.come.length > 0 || this.#moved.size > 0 };
  }

  async #read(commit: Commit): Promise<ChangedLines | null> {
    try {
      return await changedLines(this.#walk.ground, this.#segment, commit.commit, commit.parents[0] ?? null);
    } catch (cause) {
      // Of what is damaged here nobody who wrote it is to blame.
      if (!(cause instanceof ToolError) || !isNoDocument(cause) || cause.code === "state.object.corrupt") throw cause;
      const path = segmentPath(this.#segment.folder, 1);
      this.#report(finding("seal.exact", commit, path, printable(cause.message, 300), { code: cause.code }));
      return null;
    }
  }

  #checkCome(commit: Commit, line: SealedDocument): void {
    const { path } = line;
    const file = this.#moved.get(path);
    this.#moved.delete(path);
    const what =
      file === undefined
        ? "is in a segment and was no file before"
        : file !== fileDigest(line)
          ? "is another in its segment"
          : isOver(this.#segment, line)
            ? null
            : "is in a segment and may still change";
    if (what !== null) this.#exact(commit, path, `${printable(path)} ${what}`);
  }

  /** A line goes where its document changes and becomes a file again, as some command changes it. */
  #checkGone(commit: Commit, { path, document }: SealedDocument, { come }: ChangedLines): void {
    const file = this.#left.get(path);
    this.#left.delete(path);
    if (file === undefined) {
      const isAnother = come.some((line) => line.path === path);
      if (!isAnother) this.#exact(commit, path, `${printable(path)} was taken out of its segment`);
      return;
    }
    const members = membersBeyond(this.#segment.kind, document, file.document);
    if (members.length === 0) return;
    const what = `left its segment changed in ${members.map((name) => printable(name, 60)).join(", ")}`;
    this.#report(finding("record.altered", commit, path, `${printable(path)} ${what}, which no command does`));
  }

  #exact(commit: Commit, path: string, message: string): void {
    this.#report(finding("seal.exact", commit, path, message));
  }

  #report(violation: Parameters<Walk["report"]>[0]): void {
    this.#walk.report(violation);
  }
}

function pathsOf(lines: readonly SealedDocument[]): readonly string[] {
  return lines.map(({ path }) => path);
}
