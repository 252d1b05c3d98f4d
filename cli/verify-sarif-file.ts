import { ToolError } from "../src/kernel/errors.ts";
import type { Files } from "../src/ports/files.ts";
import type { StateVerifyResultV1 } from "../src/schema/types.gen.ts";
import type { Args } from "./command.ts";
import { sarifText } from "./screens/verify-sarif.ts";
import { verifyRules } from "./verify-rules.ts";

/** The value of `--sarif` that means stdout, in place of the screen. */
export const PRINTED = "-";

/** The file that `--sarif` names; null where there is none to write. Throws `usage.invalid_argument` where two answers want stdout. */
export function sarifFileOf(args: Args): string | null {
  const { sarif } = args;
  if (sarif === PRINTED && args["json"] === true)
    throw new ToolError("usage.invalid_argument", "--json and --sarif - both want stdout", {
      hints: ["Name a file: --sarif verify.sarif"],
    });
  if (sarif === "")
    throw new ToolError("usage.invalid_argument", "--sarif names no file", { hints: ["--sarif verify.sarif"] });
  return typeof sarif === "string" && sarif !== PRINTED ? sarif : null;
}

/** Writes what was found for code scanning, whatever it is: a run that found nothing clears the alerts of the last one. */
export async function writeSarif(files: Files, path: string, result: StateVerifyResultV1): Promise<void> {
  await files.write(path, new TextEncoder().encode(sarifText(result, verifyRules)));
}
