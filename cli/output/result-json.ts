import type { Exit } from "../../src/kernel/error-catalogue.ts";
import { classOf, type Reason } from "../../src/kernel/errors.ts";
import { safeJson } from "../../src/kernel/text.ts";
import type { CommandResultV1 } from "../../src/schema/types.gen.ts";

/** The one object of `--json`: what a command answered, why not, and its warnings. */
export function resultOf(parts: {
  readonly command: string;
  readonly exit: 0 | Exit;
  readonly result?: object;
  readonly reasons?: readonly Reason[];
  readonly warnings?: readonly Reason[];
}): CommandResultV1 {
  const [first, ...more] = parts.reasons ?? [];
  return {
    schema: "command-result.v1",
    command: parts.command,
    ok: parts.exit === 0,
    exit: parts.exit,
    ...(parts.result === undefined ? {} : { result: { ...parts.result } }),
    ...(first === undefined ? {} : { error: errorOf(first, more) }),
    warnings: (parts.warnings ?? []).map(plain),
  };
}

/** Prints it: the same bytes for the same object, wherever they go, and safe to look at. */
export function jsonText(result: CommandResultV1): string {
  return `${safeJson(result)}\n`;
}

function errorOf(first: Reason, more: readonly Reason[]): NonNullable<CommandResultV1["error"]> {
  const { code, message, hints } = first;
  const data = more.length === 0 ? first.data : { ...first.data, reasons: [first, ...more].map(plain) };
  return { code, message, retryable: classOf(code).retryable, data: { ...data }, hints: [...hints] };
}

function plain({ code, message, data, hints }: Reason): CommandResultV1["warnings"][number] {
  return { code, message, data: { ...data }, hints: [...hints] };
}
