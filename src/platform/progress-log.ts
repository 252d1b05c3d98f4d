import { printable } from "../kernel/text.ts";
import type { Log, Task } from "../ports/log.ts";

/** Where progress goes and how. */
export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** `bar` redraws in place, `lines` writes whole lines, `silent` writes nothing. */
  readonly mode: "bar" | "lines" | "silent";
  readonly verbose: boolean;
  readonly columns: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** Replaces glyphs that the terminal cannot show. */
  readonly plain: (text: string) => string;
}

/** A log that also knows where the work stands. */
export interface ProgressLog extends Log {
  /** The step that runs, for example `upload 3/5`; null between steps. */
  position(): string | null;
  /** Takes the bar off the terminal, before anything else is written there. */
  clear(): void;
}

interface Running {
  readonly title: string;
  readonly total: number | null;
  readonly unit: "bytes" | "items";
  readonly startedMs: number;
  done: number;
  saidMs: number;
}

const SHOW_AFTER_MS = 300;
const REDRAW_MS = 100;
const LINE_EVERY_MS = 10_000;
const TITLE_COLUMNS = 10;
const MAX_BAR = 40;
const BYTES_PER_MB = 1_000_000;

/** Tells people on stderr how long work goes on. */
export function progressLog(options: ProgressOptions): ProgressLog {
  const running = new Set<Running>();
  let drawnLines = 0;
  let drawnMs = Number.NEGATIVE_INFINITY;
  const clear = (): void => {
    // Up over every drawn line, erasing each.
    if (drawnLines > 0) options.write(`\r${"\u001b[1A\u001b[2K".repeat(drawnLines)}`);
    drawnLines = 0;
  };
  const line = (text: string): void => {
    clear();
    options.write(`${options.plain(printable(text, 1000))}\n`);
  };
  const draw = (): void => {
    const now = options.now();
    if (now - drawnMs < REDRAW_MS) return;
    const due = [...running].filter(({ startedMs }) => now - startedMs >= SHOW_AFTER_MS);
    if (due.length === 0) return;
    drawnMs = now;
    clear();
    for (const task of due) options.write(`${options.plain(barOf(task, now, options.columns))}\n`);
    drawnLines = due.length;
  };
  const step = (task: Running, done: number): void => {
    task.done = done;
    if (options.mode === "bar") draw();
    const now = options.now();
    if (options.mode !== "lines" || now - task.saidMs < LINE_EVERY_MS) return;
    task.saidMs = now;
    line(lineOf(task, now));
  };
  const end = (task: Running, summary: string | undefined): void => {
    if (!running.delete(task)) return;
    if (options.mode === "bar") clear();
    if (options.mode === "lines" && summary !== undefined) line(`${task.title} ${summary}`);
  };
  return {
    note: (text) => {
      if (options.mode !== "silent") line(text);
    },
    detail: (text) => {
      if (options.mode !== "silent" && options.verbose) line(text);
    },
    task(title, total, unit = "items"): Task {
      const now = options.now();
      const task: Running = { title: printable(title), total, unit, startedMs: now, done: 0, saidMs: now };
      running.add(task);
      return { step: (done) => step(task, done), end: (summary) => end(task, summary) };
    },
    position() {
      const last = [...running].at(-1);
      return last === undefined ? null : positionOf(last);
    },
    clear,
  };
}

function positionOf(task: Running): string {
  if (task.total === null) return task.title;
  return task.unit === "items" ? `${task.title} ${task.done}/${task.total}` : `${task.title} ${percent(task)} %`;
}

function percent(task: Running): number {
  return task.total ? Math.min(100, Math.floor((100 * task.done) / task.total)) : 100;
}

function megabytes(bytes: number): string {
  return (bytes / BYTES_PER_MB).toFixed(1);
}

function amountOf(task: Running, now: number): string {
  if (task.unit === "items") return task.total === null ? String(task.done) : `${task.done} of ${task.total}`;
  const rate = task.done / Math.max(1, now - task.startedMs) / 1000;
  const speed = `${rate < 10 ? rate.toFixed(1) : rate.toFixed(0)} MB/s`;
  if (task.total === null) return `${megabytes(task.done)} MB   ${speed}`;
  const left = rate > 0 ? Math.ceil((task.total - task.done) / (rate * BYTES_PER_MB)) : 0;
  return `${megabytes(task.done)} of ${megabytes(task.total)} MB   ${speed}   ${left} s left`;
}

function barOf(task: Running, now: number, columns: number): string {
  const head = `  ${task.title.padEnd(TITLE_COLUMNS)} `;
  const amount = amountOf(task, now);
  if (task.total === null) return `${head}${amount}`.slice(0, columns - 1);
  const room = Math.min(MAX_BAR, columns - head.length - amount.length - 12);
  const bar = room > 8 ? "━".repeat(Math.max(1, Math.round((room * percent(task)) / 100))).padEnd(room) : "";
  return `${head}${bar}   ${String(percent(task)).padStart(3)} %   ${amount}`.slice(0, columns - 1);
}

function lineOf(task: Running, now: number): string {
  const amount = amountOf(task, now).replaceAll("   ", ", ");
  return task.total === null ? `${task.title} ${amount}` : `${task.title} ${percent(task)} %, ${amount}`;
}
