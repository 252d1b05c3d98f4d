import { describe, expect, test } from "vitest";
import { carriesSecret } from "../../../src/state/secrets.ts";

/** Put together from parts, so that no scanner takes this file for a leak. */
const joined = (...parts: readonly string[]) => parts.join("");

const shaped = new Map([
  ["a token of ours", joined("dist_", "0a".repeat(32))],
  ["a private key", joined("-----BEGIN OPENSSH ", "PRIVATE KEY-----")],
  ["a token of GitHub", joined("gh", "p_", "a1B2".repeat(9))],
  ["a fine-grained token", joined("github_", "pat_", "a1B2".repeat(6))],
  ["a token of GitLab", joined("gl", "pat-", "a1B2".repeat(5))],
  ["an access key of AWS", joined("AK", "IA", "ABCD".repeat(4))],
  ["a token of Slack", joined("xo", "xb-", "1234567890")],
  ["a token of npm", joined("np", "m_", "a1B2".repeat(9))],
  ["a signed web token", joined("ey", "J", "a".repeat(12), ".ey", "J", "b".repeat(12), ".", "c".repeat(12))],
]);

describe("a text carries a secret", () => {
  test.each([...shaped])("when it holds %s", (_, secret) => {
    expect(carriesSecret(`{\n  "notes": "see ${secret}"\n}\n`)).toBe(true);
  });

  test.each([
    ["plain", (secret: string) => secret],
    ["in base64", (secret: string) => Buffer.from(secret).toString("base64")],
    ["in base64 for addresses", (secret: string) => Buffer.from(secret).toString("base64url")],
    ["in base64 behind a name", (secret: string) => Buffer.from(`me:${secret}`).toString("base64")],
    ["in base64 inside a text", (secret: string) => Buffer.from(`abcd:${secret} and more`).toString("base64")],
    ["in base64 for addresses inside a text", (secret: string) => Buffer.from(`ab ${secret}.`).toString("base64url")],
    ["encoded for an address", encodeURIComponent],
    [
      "encoded in small letters",
      (secret: string) => encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase()),
    ],
    ["inside JSON", (secret: string) => JSON.stringify({ secret })],
  ])("when it holds one of this process, %s", (_, form) => {
    const secret = 'pass "phrase"/with?signs';
    expect(carriesSecret(`x ${form(secret)} y`, [secret])).toBe(true);
  });
});

test.each([
  ["a digest", "f".repeat(64)],
  ["the prefix of a token", "dist_0a0a0a0a"],
  ["words about keys", "rotate the private key"],
  ["a version", "1.4.0+dist_build"],
])("%s is none", (_, text) => {
  expect(carriesSecret(text)).toBe(false);
});

test("a secret too short to be told from words is not looked for", () => {
  expect(carriesSecret("the secret is out", ["secret"])).toBe(false);
});
