import { problemsOf } from "../problem.ts";

/** What may be wrong with a zip archive, whatever format it carries. */
export const zipProblems = problemsOf(
  "zip",
  "ambiguous_end",
  "bad_content",
  "bad_entry",
  "count_mismatch",
  "declared_total",
  "directory_misplaced",
  "duplicate_name",
  "encrypted",
  "link_escape",
  "local_mismatch",
  "member_too_large",
  "method_unknown",
  "multi_disk",
  "name_invalid",
  "no_end_record",
  "overlap",
  "path_escape",
  "prefix",
  "too_large",
  "truncated",
  "zip64_mismatch",
);
