import { isRefused, type Refused } from "../src/kernel/errors.ts";
import type { Told } from "../src/distribution/read/told.ts";
import type { Documents, DocumentName } from "../src/schema/types.gen.ts";
import type { Snapshot } from "../src/state/snapshot/open.ts";
import type { Answer, Args } from "./command.ts";

/** Asks the snapshot one question and closes it; what the snapshot itself warns of comes first. */
export async function answerFrom<N extends DocumentName>(
  open: () => Promise<Snapshot>,
  question: (snapshot: Snapshot) => Promise<Told<Documents[N]> | Refused> | Told<Documents[N]> | Refused,
): Promise<Answer<N> | Refused> {
  const snapshot = await open();
  try {
    const told = await question(snapshot);
    if (isRefused(told)) return told;
    return { result: told.result, exit: 0, warnings: [...snapshot.warnings, ...told.warnings] };
  } finally {
    snapshot.database.close();
  }
}

/** A flag's text; null where it was not given. */
export function textOf(args: Args, name: string): string | null {
  const value = args[name];
  return typeof value === "string" ? value : null;
}

/** Which page `--limit` and `--after` ask for. */
export function pageOf(args: Args): { readonly limit: number | null; readonly after: string | null } {
  const limit = args["limit"];
  return { limit: typeof limit === "number" ? limit : null, after: textOf(args, "after") };
}
