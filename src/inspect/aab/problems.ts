import { problemsOf } from "../problem.ts";

/** What may be wrong with an Android app bundle beyond its zip archive. */
export const aabProblems = problemsOf("aab", "bad_manifest", "no_base_module", "no_bundle_config");
