import type { Column, Span } from "../../kernel/markdown.ts";
import type { Forge } from "../../ports/forge.ts";
import type { View } from "../../state/view.ts";
import type { Decisions } from "../core/decisions.ts";

/** A line of spans. */
export type Line = readonly Span[];

/** What a description is made from. */
export interface DescribeOn {
  readonly facts: View;
  readonly decisions: Decisions;
  readonly forge: Pick<Forge, "name" | "url">;
}

/** What a decision puts in force: something, and what it is then. */
export interface Standing {
  readonly subject: string;
  readonly value: string;
}

/** What people need to decide on a proposal, as data: the page escapes, orders and cuts it. */
export interface Description {
  /** Word of the label, `waybill:<label>`. */
  readonly label: string;
  /** What a merge does; follows "Merging this ". */
  readonly effect: Line;
  /** What has not happened yet; follows "Nothing has ". */
  readonly pending: "changed" | "moved";
  /** Heads of the two columns that are compared. */
  readonly heads: readonly [now: Line, after: Line];
  readonly compared: readonly Compared[];
  /** Conditions besides approvals, each the same from one minute to the next; a status says it in the place of what `rule` says. */
  readonly needs: readonly { readonly rule: string | null; readonly text: string }[];
  readonly files: Files | null;
  /** What the authors say has changed; text of several lines. */
  readonly notes: { readonly text: string; readonly url: string | null } | null;
  /** What people should know before: what clients do, what it takes to go back; one line each. */
  readonly told: readonly { readonly title: string; readonly text: string }[];
  /** Tables that few people open. */
  readonly more: readonly Table[];
  /** Commands that show the same, each with what it does. */
  readonly commands: readonly { readonly command: string; readonly does: string }[];
}

/** What a description has where a decision changes settings and no files. */
export const NOTHING_MOVES = {
  pending: "changed",
  needs: [],
  files: null,
  notes: null,
  more: [],
  commands: [],
} as const satisfies Partial<Description>;

/** A table under its title. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Line[])[];
}

/** A row of what is now and what is after the merge. */
export interface Compared {
  readonly name: string;
  readonly now: Line;
  readonly after: Line;
}

/** Files that a decision is about. */
export interface Files {
  readonly columns: readonly Column[];
  readonly rows: readonly FileRow[];
  /** Files that are left out, because there are too many. */
  readonly others: number;
  /** The document that names all of them, and its digest. */
  readonly release: { readonly name: string; readonly sha256: string };
  /** Where all of them are. */
  readonly url: string | null;
}

/** A file in the table; what is quiet may be left out of a page that gets too long. */
export interface FileRow {
  readonly cells: readonly Line[];
  readonly isQuiet: boolean;
  readonly filename: string;
  readonly platform: string;
  readonly sha256: string;
}
