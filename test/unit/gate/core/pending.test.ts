import { describe, expect, it } from "vitest";
import { asksGrade, pendingRemedy } from "../../../../src/gate/core/pending.ts";
import { pendingWarning } from "../../../../src/gate/core/unhonoured-warning.ts";
import { oidOf } from "../../../support/github-forge.ts";

describe("the remedy of a pending merge", () => {
  it("is the sync that anybody can run, except where an attestor has to vouch", () => {
    expect(pendingRemedy(`its proof is not recorded yet; ${asksGrade("recorded")}`)).toBe("waybill gate sync");
    expect(pendingRemedy(`its proof is not recorded yet; ${asksGrade("attested")}`)).toContain("WAYBILL_ATTESTOR_KEY");
  });

  it("is the hint of the warning that every reader prints", () => {
    const merge = { commit: oidOf("1".repeat(40)), paths: ["policy.json"], proposalId: "prop_1", condition: "proof" };
    const hintsFor = (message: string) => pendingWarning({ ...merge, message }).hints;
    expect(hintsFor(asksGrade("recorded"))).toEqual(["waybill gate sync"]);
    expect(hintsFor(asksGrade("attested"))).toEqual([pendingRemedy(asksGrade("attested"))]);
  });
});
