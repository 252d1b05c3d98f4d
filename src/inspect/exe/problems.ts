import { problemsOf } from "../problem.ts";

/** What may be wrong with a Windows program. */
export const exeProblems = problemsOf("exe", "bad_header", "bad_resources", "bad_signature", "digest_mismatch");
