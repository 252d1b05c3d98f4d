import type { ByteSource } from "../kernel/byte-source.ts";
import { ToolError } from "../kernel/errors.ts";
import type { Data } from "../kernel/json.ts";
import { printable } from "../kernel/text.ts";
import type { Check, Inspection } from "./inspection.ts";
import type { Inspector, Notes, Reading } from "./inspector.ts";
import { isProblem } from "./problem.ts";
import { inspectors as registered } from "./registry.ts";

/** Bytes that detection sees. */
const HEAD_BYTES = 4096;

/** An inspection that is fed the file's bytes in order, once. */
export interface Inspecting {
  readonly onBytes: (bytes: Uint8Array, offset: number) => Promise<void> | void;
  readonly finish: () => Promise<Inspection>;
}

/**
 * Finds out what a file is and begins to inspect it. A hostile or broken file becomes a failed check; only a failure
 * to read the file at all is thrown.
 */
export async function startInspection(
  file: ByteSource,
  inspectors: readonly Inspector[] = registered,
): Promise<Inspecting> {
  const inspector = await detect(file, inspectors);
  if (inspector === undefined) return { onBytes: () => undefined, finish: async () => opaque() };
  const notes = notesOf(inspector.id);
  let reading = await notes.attempt(() => inspector.open(file, notes));
  const end = () => {
    reading?.close?.();
    reading = undefined;
  };
  return {
    onBytes: (bytes, offset) => {
      if (reading?.onBytes === undefined) return undefined;
      return feed(reading, notes, bytes, offset, end);
    },
    finish: async () => {
      await notes.attempt(() => reading?.finish());
      end();
      return { kind: inspector.id, inspector_version: inspector.version, ...notes.taken() };
    },
  };
}

/** The inspection of a file that no inspector knows. */
export function opaque(check?: Check): Inspection {
  const unknown: Check = {
    id: "opaque.format",
    status: "skipped",
    message: "The format is not known, so the content was not inspected",
    detail: {},
  };
  return { kind: "opaque", inspector_version: 1, facts: {}, checks: [check ?? unknown] };
}

async function detect(file: ByteSource, inspectors: readonly Inspector[]): Promise<Inspector | undefined> {
  const head = await file.read(0, HEAD_BYTES);
  for (const inspector of inspectors) {
    try {
      if (await inspector.detect(head, file)) return inspector;
    } catch (cause) {
      // What only detection stumbles over is not this format; a disk that fails is another matter.
      if (isForeign(cause)) throw cause;
    }
  }
  return undefined;
}

function feed(
  reading: Reading,
  notes: RunningNotes,
  bytes: Uint8Array,
  offset: number,
  end: () => void,
): Promise<void> | undefined {
  try {
    const pending = reading.onBytes?.(bytes, offset);
    return pending?.catch((cause: unknown) => {
      notes.failed(cause);
      end();
    });
  } catch (cause) {
    notes.failed(cause);
    end();
    return undefined;
  }
}

interface RunningNotes extends Notes {
  readonly failed: (cause: unknown) => void;
  readonly taken: () => { readonly facts: Data; readonly checks: readonly Check[] };
}

function notesOf(format: string): RunningNotes {
  let facts: Data = {};
  const checks: Check[] = [];
  const check: Notes["check"] = (id, status, message, detail = {}) => {
    checks.push({ id, status, message, detail });
  };
  const failed = (cause: unknown) => {
    if (isForeign(cause)) throw cause;
    const problem = isProblem(cause) ? cause : malformed(format, cause);
    const detail = { code: problem.code, ...problem.data };
    check(problem.code.slice("inspect.".length), "failed", problem.message, detail);
  };
  return {
    facts: (more) => {
      for (const [name, value] of Object.entries(more)) if (value !== undefined) facts = { ...facts, [name]: value };
    },
    check,
    failed,
    attempt: async (look) => {
      try {
        return await look();
      } catch (cause) {
        failed(cause);
        return undefined;
      }
    },
    taken: () => ({ facts, checks }),
  };
}

/** A typed error that is no finding: the disk failed, or the file changed under the reader. */
function isForeign(cause: unknown): boolean {
  return cause instanceof ToolError && !isProblem(cause);
}

/** The last net: a reader that stumbled in a way nobody foresaw has still only met a bad file. */
function malformed(format: string, cause: unknown): ToolError {
  const why = cause instanceof Error ? printable(cause.message, 120) : "unknown reason";
  return new ToolError(`inspect.${format}.malformed`, `The file could not be read as ${format}: ${why}`, { cause });
}
