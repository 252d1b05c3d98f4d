/** How a word looks; repeats what the word says, never replaces it. */
export type Tone = "plain" | "ok" | "wait" | "refuse" | "dim" | "strong";

/** One cell of a table: what people see, and what a pipe gets (full digest, RFC 3339, integer bytes). */
export interface Cell {
  readonly show: string;
  readonly raw: string;
  readonly tone?: Tone;
}

/** A column; the widest `free` column is cut first when a line is too long, others never. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  readonly free?: true;
}

/** A part of what a command prints on stdout. The door lays it out; commands only say what. */
export type Block =
  /** Parts of one line, three spaces apart; the first is the label, padded to the width of the other labels of the screen. */
  | {
      readonly kind: "line";
      readonly label: string;
      readonly parts: readonly string[];
      readonly tone?: Tone;
      /** Goes on below its first word where a terminal is too narrow; breaks at spaces only. */
      readonly wraps?: true;
    }
  | { readonly kind: "table"; readonly columns: readonly Column[]; readonly rows: readonly (readonly Cell[])[] }
  /** Text as it is, for raw output such as a key or a query result. */
  | { readonly kind: "text"; readonly text: string };

/** What people see of an answer: blocks on stdout, then on stderr counts and the next commands. */
export interface Screen {
  readonly blocks: readonly Block[];
  /** Shown on stderr when there is nothing to list, for example `No releases of acme-notes yet`. */
  readonly empty?: string;
  /** Which tips of the branches the answer is from, shown on stderr after `As of`. */
  readonly asOf?: string;
  /** Commands to type next, shown on stderr after `Next`. */
  readonly next?: readonly string[];
}
