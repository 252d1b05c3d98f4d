import { ToolError } from "../../kernel/errors.ts";
import { itemsOf, type Json } from "../../kernel/json.ts";
import { printable } from "../../kernel/text.ts";
import { STATE } from "../branches.ts";
import type { VerifyCheck } from "./check.ts";

/** Entries from which a folder is named; the aim is 300, and 50,000 are refused. */
const CROWDED = 3000;
/** Folders that are counted at once. */
const COUNTERS = 4096;

/**
 * `tree.crowded`: no folder has grown to thousands of entries. Counts what each folder was given; where more folders than there are
 * counters take part, every counter goes down by one, so that a folder which is given much keeps its own (Misra and Gries, 1982).
 */
export const crowded: VerifyCheck = {
  rules: ["tree.crowded"],
  helped: "crowded",
  begin: async ({ ground, report, after, tip }) => {
    const given = new Map<string, number>();
    let lost = 0;
    const add = (folder: string, times = 1) => {
      const known = given.get(folder);
      if (known !== undefined || given.size < COUNTERS) return given.set(folder, (known ?? 0) + times);
      // What is given many at once takes many from each, and keeps the rest.
      let least = times;
      for (const count of given.values()) least = Math.min(least, count);
      lost += least;
      for (const [other, count] of given) {
        if (count === least) given.delete(other);
        else given.set(other, count - least);
      }
      return times > least ? given.set(folder, times - least) : given;
    };
    return {
      onFile({ path, before, after: now }) {
        if (before !== null || now === null) return;
        // A file may bring its folder too, so every folder above it is given one at most.
        for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) add(path.slice(0, end));
        add("");
      },
      gathered: () => [lost, ...given],
      pass({ gathered }) {
        const [less, ...parts] = itemsOf(gathered);
        if (typeof less === "number") lost += less;
        for (const part of parts) add(...pairOf(part));
      },
      async finish() {
        // From the root a folder holds at most what it was given; after a remembered walk it may have been full before.
        const least = after === null ? CROWDED - lost : 0;
        const folders = [...given].filter(([, count]) => count >= least).map(([folder]) => folder);
        const found = await ground.store.read(tip, folders);
        for (const [i, folder] of folders.entries()) {
          const entry = found[i];
          const entries = entry && "names" in entry ? entry.names.length : 0;
          if (entries < CROWDED) continue;
          const name = folder === "" ? "the root folder" : printable(folder);
          const message = `${name} holds ${entries} entries`;
          const next = "waybill state seal moves old records together";
          report({ rule: "tree.crowded", branch: STATE, commit: tip, path: folder, message, data: { entries }, next });
        }
      },
    };
  },
};

function pairOf(pair: Json): readonly [folder: string, count: number] {
  const [folder, count] = itemsOf(pair);
  if (typeof folder === "string" && typeof count === "number") return [folder, count];
  throw new ToolError("internal.bug", "A helper counted something else");
}
