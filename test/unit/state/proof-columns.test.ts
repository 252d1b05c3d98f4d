import { expect, it } from "vitest";
import { isOid } from "../../../src/kernel/oid.ts";
import type { DecidedBy } from "../../../src/state/document-kind.ts";
import { approvalsIn, NO_PROOF, proofRow, shownProof } from "../../../src/state/proof-columns.ts";

const commit = "1".repeat(40);
if (!isOid(commit)) throw new Error("no id");
const decided: DecidedBy = {
  commit,
  mergedAt: "2026-01-02T00:00:00Z",
  grade: "attested",
  attestor: "gate-sync",
  approvers: ["ada", "bob", "eve"],
  selfApproved: true,
  proof: {
    approvals: [
      { person: "ada", method: "signature", id: "SHA256:4k8p1yS9wXcYSTjDgp6pZdboWB7aYtHST0Iyw8dn0Po" },
      { person: "bob", method: "review", id: "1004" },
      { person: "eve", method: "merge", id: "1005" },
    ],
  },
};

it("says who approved a decision by what, and who vouches for it", () => {
  expect(shownProof(decided)).toEqual({
    grade: "attested",
    self_approved: true,
    attestor: "gate-sync",
    approved_by: decided.proof?.approvals,
  });
});

it("reads approvals from the columns of a table as they went in", () => {
  const row = proofRow(decided);
  expect(row).toMatchObject({ grade: "attested", self_approved: 1, attestor: "gate-sync" });
  expect(approvalsIn(String(row.approved_by).split(" "))).toEqual(decided.proof?.approvals);
});

it("has nothing to say of a fact, and of what the root commit holds", () => {
  expect(shownProof(null)).toEqual(NO_PROOF);
  expect(proofRow(null)).toEqual({ grade: null, self_approved: 0, attestor: null, approved_by: "" });
  expect(shownProof({ ...decided, grade: null, selfApproved: false, proof: null }).approved_by).toEqual([]);
});
