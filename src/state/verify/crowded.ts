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
  begin: async ({ ground, report, after, tip }) => {
    const given = new Map<string, number>();
    let lost = 0;
    /** Tells whether the folder is known to have stood before. */
    const add = (folder: string): boolean => {
      const known = given.get(folder);
      if (known !== undefined || given.size < COUNTERS) given.set(folder, (known ?? 0) + 1);
      else {
        lost += 1;
        for (const [other, count] of given) {
          if (count === 1) given.delete(other);
          else given.set(other, count - 1);
        }
      }
      return known !== undefined;
    };
    return {
      onFile({ path, before, after: now }) {
        if (before !== null || now === null) return;
        // A file may bring its folder too. One that was given something before stands, or was one that the folder above it lost.
        let end = path.lastIndexOf("/");
        while (end > 0 && !add(path.slice(0, end))) end = path.lastIndexOf("/", end - 1);
        if (end <= 0) add("");
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
