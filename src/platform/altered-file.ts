import { ToolError } from "../kernel/errors.ts";
import { printable } from "../kernel/text.ts";
import type { Upload } from "../ports/artifact-store.ts";

/** Makes the error of a file that changed between the pass that hashed it and the one that stores it. */
export function alteredFile({ name, sha256 }: Pick<Upload, "name" | "sha256">): ToolError {
  return new ToolError("dist.upload.verify_failed", `${printable(name)} is not the file any more that was hashed`, {
    data: { name: printable(name), sha256 },
    hints: ["Publish again once nothing writes to the file"],
  });
}
