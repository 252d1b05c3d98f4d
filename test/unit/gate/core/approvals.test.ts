import { describe, expect, it } from "vitest";
import { type ApprovalCase, approvalsRow, countApprovals, personNameOf } from "../../../../src/gate/core/approvals.ts";
import { DECISION_NAMESPACE, REQUEST_NAMESPACE, signSshsig } from "../../../../src/gate/core/ssh/sshsig.ts";
import type { Requirement } from "../../../../src/gate/core/requirement.ts";
import { makeKey, type TestKey } from "../../../support/gate-world.ts";
import { emptyPolicy } from "../../../support/policies.ts";

const [alice, bob, bob2, carol, mallory] = [makeKey(), makeKey(), makeKey(), makeKey(), makeKey()];
const people = {
  alice: { keys: [alice.publicKey] },
  bob: { keys: [bob.publicKey, bob2.publicKey] },
  carol: { keys: [carol.publicKey], github: { id: 7, login: "carol" } },
};
const bytes = Buffer.from("the decision\n");
const rule: Requirement = { approvers: ["alice", "bob"], minApprovals: 1, requesterMayApprove: false, proof: "signed" };

function by(key: TestKey, namespace = DECISION_NAMESPACE, message: Uint8Array = bytes): string {
  return signSshsig(namespace, message, key.seed, key.publicBytes);
}

function count(signatures: readonly string[], change: Partial<Requirement> = {}, requestedBy = "carol", id = "git:x") {
  const on: ApprovalCase = {
    bytes,
    sig: signatures.length === 0 ? null : Buffer.from(signatures.join("")),
    policy: { ...emptyPolicy, people },
    requirement: { ...rule, ...change },
    requestedBy: { kind: "human", name: requestedBy, id, verified: false },
  };
  return countApprovals(on);
}

const asked = by(carol, REQUEST_NAMESPACE);

describe("an approval", () => {
  it("counts over these bytes, by a person of the rule who did not ask", () => {
    const approvals = count([asked, by(bob)]);
    expect(approvals).toMatchObject({ reached: true, needed: 1, requesters: ["carol"], requesterVerified: true });
    expect(approvals.counted).toMatchObject([{ person: "bob", method: "signature" }]);
    expect(approvals.selfApproved).toBe(false);
  });

  it.each<[string, string, string]>([
    ["over other bytes", by(bob, DECISION_NAMESPACE, Buffer.from("other")), "signed other bytes than these"],
    ["for a request", by(bob, REQUEST_NAMESPACE, Buffer.from("other")), "signed other bytes than these"],
    ["for files", by(bob, "file"), "signed for another purpose (file)"],
    ["by a stranger", by(mallory), "is the key of nobody in policy.json"],
    ["by a person who may not", by(makeKey()), "is the key of nobody"],
  ])("does not count %s, and says why", (_, signature, why) => {
    const approvals = count([asked, signature]);
    expect([approvals.reached, approvals.counted]).toEqual([false, []]);
    expect(approvals.notCounted[0]?.why).toContain(why);
  });

  it("does not count by somebody outside the rule", () => {
    expect(count([asked, by(alice)], { approvers: ["bob"] }).notCounted).toEqual([
      { who: "alice", why: "is not among the approvers" },
    ]);
  });

  it("counts two keys of a person once", () => {
    const approvals = count([asked, by(bob), by(bob2)], { minApprovals: 2 });
    expect([approvals.reached, approvals.counted.length]).toEqual([false, 1]);
    expect(approvals.notCounted).toEqual([{ who: "bob", why: "signed twice, a person counts once" }]);
  });

  it("is not the requester's own, by key or by name", () => {
    expect(count([by(bob, REQUEST_NAMESPACE), by(bob)])).toMatchObject({ reached: false, selfOnly: true });
    expect(count([asked, by(bob)], {}, "bob")).toMatchObject({ reached: false, selfOnly: true });
    expect(count([asked, by(bob)], {}, "Bob")).toMatchObject({ requesters: ["bob", "carol"], reached: false });
    expect(count([asked], {}, "x", "7").requesters).toEqual(["carol"]);
  });

  it("is the requester's own where policy says so, and is marked", () => {
    const own = { requesterMayApprove: true };
    expect(count([by(bob, REQUEST_NAMESPACE), by(bob)], own)).toMatchObject({ reached: true, selfApproved: true });
    expect(count([by(bob, REQUEST_NAMESPACE), by(alice)], own)).toMatchObject({ reached: true, selfApproved: false });
    expect(count([by(bob, REQUEST_NAMESPACE), by(alice), by(bob)], { ...own, minApprovals: 2 })).toMatchObject({
      selfApproved: true,
    });
  });

  it("costs one more where nobody of policy signed the request", () => {
    expect(count([by(bob)])).toMatchObject({ needed: 2, reached: false, requesterVerified: false });
    expect(count([by(bob), by(alice)])).toMatchObject({ needed: 2, reached: true });
    expect(count([by(mallory, REQUEST_NAMESPACE), by(bob)])).toMatchObject({ needed: 2, reached: false });
  });

  it("is none in a file that is not wholly readable", () => {
    const approvals = count([asked, by(bob), "garbage"]);
    expect([approvals.reached, approvals.counted]).toEqual([false, []]);
    expect(approvals.notCounted[0]?.who).toBe("the .sig file");
  });

  it("is never enough where nobody may approve", () => {
    expect(count([asked, by(bob)], { approvers: [] }).reached).toBe(false);
  });
});

describe("the row of approvals", () => {
  it("names who may still approve, and who did not count", () => {
    const approvals = count([asked, by(bob), by(mallory)], { minApprovals: 2 });
    const row = approvalsRow(approvals, { ...rule, minApprovals: 2 });
    expect(row.status).toBe("wait");
    expect(row.message).toMatch(/^1 of 2: bob\. May approve: alice\. Not counted: SHA256:\S+ is the key of nobody/);
  });

  it("refuses what nobody can satisfy", () => {
    expect(approvalsRow(count([], {}, "alice"), rule)).toMatchObject({
      status: "refuse",
      message:
        "0 of 2. Only bob may approve; the request is signed by nobody in policy.json, which costs one approval more",
    });
    expect(approvalsRow(count([asked], { approvers: [] }), { ...rule, approvers: [] })).toMatchObject({
      status: "refuse",
      message: "0 of 1. Policy names nobody who may approve this",
    });
  });
});

it("makes a person's name of what people call themselves", () => {
  expect(["Alice Example", "Zoë", "--", "bob.b"].map(personNameOf)).toEqual(["alice-example", "zo", "", "bob.b"]);
});
