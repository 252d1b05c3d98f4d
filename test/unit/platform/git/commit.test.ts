import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCommit, encodeCommit, nextSeq } from "../../../../src/platform/git/commit.ts";
import { objectId } from "../../../../src/platform/git/objects.ts";
import { testAct } from "../../../support/git-repo.ts";
import { bytes, oidLike } from "../../../support/store-under-test.ts";

const TREE = oidLike("0".repeat(40), "a");
const decode = (text: string) => decodeCommit(TREE, bytes(text));
const WHO = "x <y> 1 +0000";

describe("reading a commit", () => {
  it.each([
    ["no tree", `author ${WHO}\ncommitter ${WHO}\n\nx\n`],
    ["a bad tree", `tree zz\nauthor ${WHO}\ncommitter ${WHO}\n\nx\n`],
    ["a bad parent", `tree ${TREE}\nparent zz\nauthor ${WHO}\ncommitter ${WHO}\n\nx\n`],
    ["no author", `tree ${TREE}\ncommitter ${WHO}\n\nx\n`],
    ["no time", `tree ${TREE}\nauthor ${WHO}\ncommitter x\n\nx\n`],
    ["nothing", ""],
  ])("finds one with %s damaged", (_what, text) => {
    expect(() => decode(text)).toThrowError(expect.objectContaining({ code: "state.object.corrupt" }));
  });

  it.each(["-1", "253402300800", "999999999999999999999"])("dates one from the time %s at the earliest", (seconds) => {
    const text = `tree ${TREE}\nauthor ${WHO}\ncommitter x <y> ${seconds} +0000\n\nx\n`;
    expect(decode(text).at).toBe("1970-01-01T00:00:00Z");
  });

  it.each(["\u2028", "\r", "\u0085"])("takes the time also where the name has the line separator %j", (separator) => {
    const text = `tree ${TREE}\nauthor ${WHO}\ncommitter x${separator}z <y> 1 +0000\n\nx\n`;
    expect(decode(text)).toMatchObject({ at: "1970-01-01T00:00:01Z", committer: `x${separator}z <y>` });
  });

  it("passes over headers that it does not know, and takes no trailer from the subject", () => {
    const head = `tree ${TREE}\nparent ${TREE}\nparent ${TREE}\nauthor ${WHO}\ncommitter ${WHO}\n`;
    const commit = decode(`${head}gpgsig -----BEGIN\n \n -----END\n\nKey: value\n`);
    expect(commit).toMatchObject({ subject: "Key: value", parents: [TREE, TREE], at: "1970-01-01T00:00:01Z" });
    expect(commit.trailers.size).toBe(0);
  });

  it("takes trailers from the last paragraph, the first of two equal keys", () => {
    const head = `tree ${TREE}\nauthor ${WHO}\ncommitter ${WHO}\n\n`;
    const commit = decode(`${head}S\n\nA: 0\n\nA: 1\nnot one\nA: 2\n__proto__: 3\n\n`);
    expect([...commit.trailers]).toEqual([["A", "1"]]);
  });
});

describe("writing a commit", () => {
  const parts = { tree: TREE, parents: [], first: null, act: testAct("a"), message: "Subject" };

  it("reads back as it was meant, whatever people type", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.string({ unit: "binary" }),
        fc.string(),
        (message, name, command) => {
          const act = { ...parts.act, command, actor: { ...parts.act.actor, name, id: name } };
          const content = encodeCommit({ ...parts, act, message });
          const commit = decodeCommit(objectId("sha1", "commit", content), content);
          expect(commit.trailers.get("Waybill-Seq")).toBe("1");
          expect(commit.trailers.get("Waybill-Operation")).toBe("op_a");
          expect(commit.trailers.size).toBe(5);
          expect(commit.at).toBe("2026-01-01T00:00:00Z");
          expect(commit.author).toMatch(/^[^<>\n]+ <[A-Za-z0-9._+-]+@waybill\.invalid>$/);
          expect(commit.subject).not.toBe("");
        },
      ),
    );
  });

  it("is dated at its parent where the parent lies ahead, and counts on from it", () => {
    const content = encodeCommit({ ...parts, act: testAct("p", "2026-03-01T00:00:00Z") });
    const first = decodeCommit(TREE, content);
    const next = decodeCommit(TREE, encodeCommit({ ...parts, first, parents: [TREE] }));
    expect(next.at).toBe("2026-03-01T00:00:00Z");
    expect(nextSeq(next)).toBe(3);
  });

  it.each(["0", "-1", "1e3", "9999999999999999", "01", "x"])("counts nothing after the sequence %j", (seq) => {
    const first = decode(`tree ${TREE}\nauthor ${WHO}\ncommitter ${WHO}\n\nS\n\nWaybill-Seq: ${seq}\n`);
    expect(nextSeq(first)).toBeNull();
  });
});
