import type { Composed, Settings } from "./compose.ts";

/** An output stream, as far as text needs to know it. */
export interface Stream {
  readonly isTerminal: boolean;
  /** Columns of the terminal; null for a pipe or file. */
  readonly columns: number | null;
  write(text: string): void;
}

/** The process around one run: everything that cli/main.ts reads from outside, so that a test can bring its own. */
export interface Host {
  readonly env: ReadonlyMap<string, string>;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Version of the package. */
  version(): Promise<string>;
  now(): Date;
  /** Wires the world for one run; loaded only when a command really runs. */
  compose(asked: Pick<Settings, "command" | "args" | "err">): Promise<Composed>;
  /** Told the one object of a run as text, whether it is printed or not; for doors that pass it on. */
  report?(json: string): void;
  /** Calls back once when the user stops the run; answers how to call that off. */
  onInterrupt(stopped: () => void): () => void;
}
