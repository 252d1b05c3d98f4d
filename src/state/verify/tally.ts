import type { CheckedRule } from "../../schema/types.gen.ts";
import type { VerifyCheck } from "./check.ts";

/** How many of what rules look at a walk came by. */
export type Tally = { [C in CheckedRule["counted"]]?: number };

/** Rules name kinds of documents by what people call them. */
const COUNTED: Readonly<Record<string, "evidence" | "releases">> = {
  "decision-evidence.v1": "evidence",
  "release.v1": "releases",
};

/** Checks nothing and counts what passes by. */
export function tallying(tally: Tally): VerifyCheck {
  const add = (counted: keyof Tally) => {
    tally[counted] = (tally[counted] ?? 0) + 1;
  };
  return {
    rules: [],
    begin: async () => ({
      onFile({ place }) {
        add("files");
        const counted = place && COUNTED[place.kind.name];
        if (counted !== undefined) add(counted);
      },
      onCommit: () => add("commits"),
    }),
  };
}
