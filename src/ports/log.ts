/** Progress of one long piece of work, in bytes or in items. */
export interface Task {
  /** Says how much is done in all, not how much was added. */
  step(done: number): void;
  end(summary?: string): void;
}

/** Text for people while a command runs: stderr, a bar on a terminal, whole lines in CI, nothing with `--json`. */
export interface Log {
  note(text: string): void;
  detail(text: string): void;
  /** `total` is null where nobody knows it; items unless `unit` says bytes. */
  task(title: string, total: number | null, unit?: "bytes" | "items"): Task;
}
