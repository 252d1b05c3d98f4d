import { describe, expect, it } from "vitest";
import { ToolError } from "../../../../src/kernel/errors.ts";
import { isNameTaken, releaseProblem } from "../../../../src/platform/github/release-problem.ts";

/** A refusal as the client says it. */
const refused = (reasons: readonly string[], message = "Validation Failed", status = 422) =>
  new ToolError("forge.refused", "no", { data: { status, message, reasons } });

describe("what GitHub refuses a release with", () => {
  it("is said in our own codes", () => {
    const cases = [
      [refused(["custom tag_name tag_name was used by an immutable release"]), "dist.release.tag_burned"],
      [refused(["already_exists tag_name"]), "dist.release.tag_taken"],
      [refused([], "Cannot upload assets to an immutable release"), "dist.release.already_published"],
      [refused(["custom file_count file_count limited to 1000 assets per release"]), "dist.upload.unexpected_asset"],
      [refused(["custom size size must be less than or equal to 2147483648"]), "file.too_large"],
      [refused(["invalid target_commitish"]), "dist.release.tag_mismatch"],
    ] as const;
    for (const [cause, code] of cases)
      expect(releaseProblem(cause, "v1")).toMatchObject({ code, data: { tag: "v1" }, cause });
  });

  it("stays as it is where it is nothing of that", () => {
    const others = [
      refused(["custom body body is too long"]),
      refused(["already_exists tag_name"], "x", 409),
      new Error("x"),
    ];
    for (const cause of others) expect(releaseProblem(cause, "v1")).toBe(cause);
  });

  it("tells a taken name", () => {
    expect([isNameTaken(refused(["already_exists name"])), isNameTaken(refused(["invalid name"]))]).toEqual([
      true,
      false,
    ]);
  });
});
