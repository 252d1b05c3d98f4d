import { problemsOf } from "../problem.ts";

/** What may be wrong with a property list. */
export const plistProblems = problemsOf(
  "plist",
  "bad_encoding",
  "bad_structure",
  "cycle",
  "doctype_subset",
  "duplicate_key",
  "too_deep",
  "too_large",
  "truncated",
);

/** Values of a list in all, counted as often as they are referred to. */
export const MOST_NODES = 100_000;

/** How deep values may lie in each other. */
export const DEEPEST = 64;
