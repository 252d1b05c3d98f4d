import { describe, expect, it } from "vitest";
import { bodyOf, markOf } from "../../../../src/platform/github/own-draft.ts";

describe("the mark of a draft", () => {
  it("is read back, whatever the notes say", () => {
    for (const notes of [
      null,
      "",
      "Fixes",
      "<!-- waybill-release rel_other -->",
      "<!--",
      "a\r\nb\n\n",
      "😀".repeat(70_000),
    ])
      expect(markOf({ body: bodyOf({ id: "rel_1", notes }) })).toBe("rel_1");
    expect(markOf({ body: bodyOf({ id: "rel_1", notes: "a" }).replaceAll("\n", "\r\n") })).toBe("rel_1");
  });

  it("counts only as the last line", () => {
    for (const body of [
      null,
      "",
      "<!-- waybill-release rel_1 -->\nmore",
      "x <!-- waybill-release rel_1 -->",
      "<!-- waybill-release ../x -->",
    ])
      expect(markOf({ body })).toBeNull();
  });

  it("leaves room for itself in what GitHub takes, and cuts no character in two", () => {
    const body = bodyOf({ id: "rel_1", notes: `a${"😀".repeat(100_000)}` });
    expect(body.length).toBeLessThan(125_000);
    expect(Buffer.from(body).toString()).toBe(body);
  });
});
