import { describe, expect, it } from "vitest";
import { factsOf } from "../../../../src/distribution/core/artifact-facts.ts";
import { identityRule, judgeIdentity } from "../../../../src/distribution/core/identity.ts";
import type { IdentityRule } from "../../../../src/schema/types.gen.ts";

const app = { slug: "acme-notes", bundle_ids: { ios: "com.acme.notes" } };
const facts = factsOf({
  identity: "com.acme.notes",
  minimum_os: "API 24",
  permissions: ["android.permission.CAMERA"],
  signature: { grade: "signature_verified", signers: [{ certificate_sha256: "a".repeat(64) }] },
});
const artifact = {
  app,
  platform: "android_apk",
  filename: "acme-notes.apk",
  at: "dist.json#/artifacts/0",
  facts,
} as const;

const statuses = (rule: Partial<IdentityRule>) =>
  judgeIdentity({ rule: { id: "com.acme.notes", ...rule }, at: "policy.json" }, artifact).checks.map(
    ({ id, status }) => `${id} ${status}`,
  );

describe("identityRule", () => {
  it("prefers policy over the app's own bundle ids, platform by platform", () => {
    const policy = { ios: { id: "com.acme.other" } };
    expect(identityRule(policy, app, "ios")).toEqual({
      rule: { id: "com.acme.other" },
      at: "policy.json#/apps/acme-notes/identity/ios",
    });
    expect(identityRule({}, app, "ios")?.rule.id).toBe("com.acme.notes");
    expect(identityRule(policy, app, "android_apk")).toBeNull();
  });
});

describe("judgeIdentity", () => {
  it("refuses another id and says both, and where", () => {
    const wrong = { ...artifact, facts: { ...facts, identity: "com.acme.notes.debug" } };
    const { mismatch } = judgeIdentity({ rule: { id: "com.acme.notes" }, at: "policy.json#/x" }, wrong);
    expect(mismatch?.code).toBe("dist.artifact.identity_mismatch");
    expect(mismatch?.data).toMatchObject({
      expected: "com.acme.notes",
      expected_at: "policy.json#/x",
      found: "com.acme.notes.debug",
      found_at: "dist.json#/artifacts/0",
    });
  });

  it("takes the right id, and warns where no id can be read", () => {
    expect(statuses({})).toEqual(["identity.id passed"]);
    const { checks, mismatch } = judgeIdentity(
      { rule: { id: "x" }, at: "policy.json" },
      { ...artifact, facts: factsOf({}) },
    );
    expect([mismatch, checks[0]?.status]).toEqual([null, "warning"]);
  });

  it("fails another signer, a minimum OS below the floor and a forbidden permission", () => {
    expect(statuses({ signers: ["b".repeat(64)] })).toContain("identity.signer failed");
    expect(statuses({ signers: ["a".repeat(64)] })).toContain("identity.signer passed");
    expect(statuses({ min_os: "26" })).toContain("identity.min_os failed");
    expect(statuses({ min_os: "24" })).toContain("identity.min_os passed");
    expect(statuses({ forbidden_permissions: ["android.permission.CAMERA"] })).toContain("identity.permissions failed");
    expect(statuses({ forbidden_permissions: ["x"] })).toContain("identity.permissions passed");
  });

  it("warns where there is no rule, and names the command that makes one", () => {
    const { warnings } = judgeIdentity(null, artifact);
    expect(warnings[0]?.hints).toEqual(["dist app set acme-notes --bundle-id android_apk=com.acme.notes"]);
    expect(judgeIdentity(null, { ...artifact, platform: "linux" }).warnings).toEqual([]);
  });

  it("puts no id into a command that a shell would read as more than a word", () => {
    const { warnings } = judgeIdentity(null, { ...artifact, facts: factsOf({ identity: "x; touch owned" }) });
    expect(warnings[0]?.hints).toEqual(["dist app set acme-notes --bundle-id android_apk=<id>"]);
  });
});
