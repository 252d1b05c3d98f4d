import { problemsOf } from "../problem.ts";

/** What may be wrong with an Android package beyond its zip archive. */
export const apkProblems = problemsOf(
  "apk",
  "bad_certificate",
  "bad_manifest",
  "bad_resources",
  "bad_signature",
  "bad_signing_block",
  "digest_mismatch",
  "duplicate_block",
  "manifest_too_large",
  "signature_stripped",
  "unsigned_content",
);
