import { describe, expect, it } from "vitest";
import { rpm } from "../../../src/inspect/rpm.ts";
import { describeInspector } from "../../contract/inspector.ts";
import { failedCodes, inspectBytes } from "../../support/inspect-bytes.ts";
import { buildRpm, PLAIN_TAGS } from "../../support/rpm-builder.ts";

describeInspector({
  inspector: rpm,
  sample: () => buildRpm({ payload: Buffer.from("payload ".repeat(1000)) }),
  problems: {
    "rpm.bad_header": () => buildRpm({ tags: [[1000, "notes"]] }),
    "rpm.digest_mismatch": () => buildRpm({ payloadDigest: "0".repeat(64) }),
    "rpm.too_large": () => buildRpm({ count: 2 ** 31 }),
    "rpm.truncated": () => buildRpm().subarray(0, 120),
  },
});

describe("RPM package", () => {
  it("gives name, version, release and processor type", async () => {
    const { facts, checks } = await inspectBytes(buildRpm());
    expect(facts).toEqual({
      identity: "notes",
      version: "1.2.0",
      build: "3",
      architectures: ["x86_64"],
      name: "notes",
      epoch: 1,
      source: false,
      signature: { grade: "digest_verified", signers: [], claimed_signers: [] },
    });
    expect(checks.every((check) => check.status === "passed")).toBe(true);
  });

  it("knows a package of sources", async () => {
    expect((await inspectBytes(buildRpm({ tags: PLAIN_TAGS.filter(([tag]) => tag !== 1044) }))).facts).toMatchObject({
      source: true,
    });
  });

  it.each([
    ["no signature", { signed: false }, "unsigned", "rpm.signature"],
    ["no digest of the header", { headerDigest: null }, "present", "rpm.digests"],
    ["no digest of the payload", { payloadDigest: null }, "present", "rpm.digests"],
  ])("says no more than was checked with %s", async (_, input, grade, id) => {
    const { facts, checks } = await inspectBytes(buildRpm(input));
    expect(facts["signature"]).toMatchObject({ grade });
    expect(checks.filter((check) => check.status === "warning").map((check) => check.id)).toEqual([id]);
  });

  it.each([
    ["a changed payload", Buffer.concat([buildRpm(), Buffer.from("X")]), "digest_mismatch"],
    ["a digest of another header", buildRpm({ headerDigest: "0".repeat(64) }), "digest_mismatch"],
    ["a value past the end", buildRpm({ offset: 1 << 20 }), "bad_header"],
    ["a tag that occurs twice", buildRpm({ tags: [...PLAIN_TAGS, [1000, "other"]] }), "bad_header"],
  ])("finds %s", async (_, bytes, problem) => {
    expect(failedCodes(await inspectBytes(bytes))).toEqual([`inspect.rpm.${problem}`]);
  });
});
