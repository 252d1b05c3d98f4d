import { problemsOf } from "../problem.ts";

/** What may be wrong with an iOS app archive beyond its zip archive, its property lists and its signed profile. */
export const ipaProblems = problemsOf(
  "ipa",
  "bad_executable",
  "bad_identity",
  "case_collision",
  "executable_missing",
  "info_missing",
  "no_app",
  "profile_mismatch",
  "several_apps",
  "wrapped",
);
