import { describe, expect, it } from "vitest";
import { attestorWithKey, findAttestor, GITHUB_ISSUER, isAttested } from "../../../../src/gate/core/attested.ts";
import { policyProblems } from "../../../../src/gate/core/policy.ts";
import { editPolicy } from "../../../../src/gate/core/policy-edit.ts";
import { isRefused, orThrow } from "../../../../src/kernel/errors.ts";
import type { PolicyV1 } from "../../../../src/schema/types.gen.ts";
import { makeKey } from "../../../support/gate-world.ts";
import { emptyPolicy } from "../../../support/policies.ts";
import { ATTESTOR, WORKFLOW } from "../../../support/sigstore.ts";

const key = makeKey();
const policy: PolicyV1 = {
  ...emptyPolicy,
  attestors: {
    ...ATTESTOR,
    key: { key: key.publicKey },
    elsewhere: { sigstore: { repository_id: 4711, workflow: WORKFLOW, issuer: "https://token.ghe.example" } },
  },
};
const bytes = Buffer.from("evidence\n");
const namespace = "waybill-evidence-v1";
const on = { namespace, bytes, policy };
const bundleBy = { repositoryId: "4711", workflow: WORKFLOW, issuer: GITHUB_ISSUER };

describe("an attestor", () => {
  it("is named by its key, in its namespace, over exactly these bytes", async () => {
    const signature = await key.sign(namespace, bytes);
    expect([findAttestor({ signature }, on), isAttested({ signature }, on)]).toEqual(["key", true]);
    expect(findAttestor({ signature }, { ...on, namespace: "waybill-checkpoint-v1" })).toBeNull();
    expect(findAttestor({ signature }, { ...on, bytes: Buffer.from("other") })).toBeNull();
    expect(findAttestor({ signature: await makeKey().sign(namespace, bytes) }, on)).toBeNull();
    expect(findAttestor({ signature: signature + signature }, on)).toBeNull();
    expect(findAttestor({ signature: "garbage" }, on)).toBeNull();
    expect(attestorWithKey(policy, `${key.publicKey}==`)).toBe("key");
    expect(attestorWithKey(policy, makeKey().publicKey)).toBeNull();
  });

  it("is named by who signed the bundle, each part of it", () => {
    const by = (change: Partial<typeof bundleBy>) =>
      findAttestor({ bundle: "b" }, { ...on, bundleBy: { ...bundleBy, ...change } });
    expect(by({})).toBe("ci");
    expect(by({ issuer: "https://token.ghe.example" })).toBe("elsewhere");
    expect(by({ issuer: "https://token.example" })).toBeNull();
    expect(by({ repositoryId: "47110" })).toBeNull();
    expect(by({ workflow: WORKFLOW.replace("main", "other") })).toBeNull();
    expect(findAttestor({ bundle: "b" }, { ...on, bundleBy: null })).toBeNull();
    expect(findAttestor({ bundle: "b" }, on)).toBeNull();
  });

  it("is nobody where there are a signature and a bundle, or neither", async () => {
    const signature = await key.sign(namespace, bytes);
    expect(findAttestor({ signature, bundle: "b" }, { ...on, bundleBy })).toBeNull();
    expect(findAttestor({}, { ...on, bundleBy })).toBeNull();
    // Who signed another bundle says nothing of a signature.
    expect(findAttestor({ signature: "garbage" }, { ...on, bundleBy })).toBeNull();
  });
});

describe("attestors in policy", () => {
  const sound = {
    ...policy,
    people: { alice: { keys: [makeKey().publicKey] } },
    governance: { ...policy.governance, approvers: ["alice"] },
  };
  const problems = (attestors: PolicyV1["attestors"]) => policyProblems({ ...sound, attestors });

  it("are a key or a workflow, one of them, and each once", () => {
    expect(policyProblems(sound)).toEqual([]);
    const { sigstore } = policy.attestors["ci"]!;
    expect(problems({ none: {} })).toEqual(["attestor none needs a key or a workflow, and one of them"]);
    expect(problems({ both: { key: key.publicKey, sigstore: sigstore! } })).toHaveLength(1);
    const twin = { ...sigstore!, issuer: GITHUB_ISSUER };
    expect(problems({ ci: { sigstore: sigstore! }, twin: { sigstore: twin } })).toEqual([
      "attestor ci and attestor twin have one workflow",
    ]);
  });

  it("are added by name, and never become somebody else unnoticed", () => {
    const add = (name: string, is: PolicyV1["attestors"][string]) =>
      editPolicy(policy, { approvers: [], minApprovals: null, attestors: [{ name, is }] });
    const other = { sigstore: { repository_id: 1, workflow: WORKFLOW } };
    expect(orThrow(add("new", other)).attestors).toEqual({ ...policy.attestors, new: other });
    expect(orThrow(add("ci", policy.attestors["ci"]!)).attestors).toEqual(policy.attestors);
    for (const [name, is] of [
      ["ci", other],
      ["ci", { key: key.publicKey }],
      ["key", { key: makeKey().publicKey }],
    ] as const)
      expect(isRefused(add(name, is))).toBe(true);
  });
});
