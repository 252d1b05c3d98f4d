import { describe, expect, it } from "vitest";
import { ToolError } from "../../../../../src/kernel/errors.ts";
import type { ErrorCode } from "../../../../../src/kernel/error-catalogue.ts";
import { storeFailure, swapFailure } from "../../../../../src/platform/github/git/failures.ts";

const failure = (code: ErrorCode, message = "", reasons: readonly string[] = []) =>
  new ToolError(code, `GitHub: ${message}`, { data: { message, reasons } });

describe("failures of a store at GitHub", () => {
  it.each<[ErrorCode, string, string]>([
    ["forge.unanswered", "", "state.push.network"],
    ["forge.unavailable", "Something went wrong", "state.push.network"],
    ["forge.unauthorised", "Bad credentials", "state.push.unauthorised"],
    ["forge.forbidden", "Resource not accessible by integration", "state.push.unauthorised"],
    ["forge.not_found", "Could not resolve to a Repository", "state.repository.missing"],
    ["forge.conflict", "Git Repository is empty.", "state.repository.unsupported"],
    ["forge.rate_limited", "API rate limit exceeded", "forge.rate_limited"],
    ["forge.refused", "Parse error", "forge.refused"],
  ])("says %s (%s) as %s", (code, message, expected) => {
    expect(storeFailure(failure(code, message), "acme/notes", "Reading")).toMatchObject({ code: expected });
  });

  it("takes a branch that is elsewhere as lost", () => {
    const lost = [
      failure("forge.conflict", 'Expected branch to point to "abc" but it did not. Pull and try again.'),
      failure("forge.refused", "Update is not a fast forward"),
      failure("forge.not_found", "Could not resolve to a Ref"),
    ];
    for (const cause of lost) expect(swapFailure(cause, "acme/notes", "waybill/state")).toBe("lost");
  });

  it("says that nobody knows what came of a move without an answer", () => {
    for (const code of ["forge.unanswered", "forge.unavailable"] as const)
      expect(swapFailure(failure(code), "acme/notes", "waybill/state")).toMatchObject({
        unanswered: { code: "state.push.network" },
      });
  });

  it.each([
    ["forge.refused", "Repository rule violations found\n\nChanges must be made through a pull request."],
    ["forge.forbidden", "Protected branch update failed for refs/heads/waybill/decisions."],
    ["forge.refused", "Cannot update this protected ref."],
    ["forge.refused", "At least 1 approving review is required by reviewers with write access."],
  ] as const)("names a protected branch: %s %s", (code, message) => {
    expect(() => swapFailure(failure(code, message), "acme/notes", "waybill/decisions")).toThrow(
      expect.objectContaining({ code: "state.push.protected" }),
    );
  });

  it("throws what it does not know as it is", () => {
    expect(() => swapFailure(failure("forge.forbidden", "no"), "a/b", "x")).toThrow(
      expect.objectContaining({ code: "state.push.unauthorised" }),
    );
    expect(() => swapFailure(failure("forge.refused", "odd"), "a/b", "x")).toThrow(
      expect.objectContaining({ code: "forge.refused" }),
    );
    const bug = new TypeError("bug");
    expect(() => swapFailure(bug, "a/b", "x")).toThrow(bug);
  });
});
