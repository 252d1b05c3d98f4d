import { describe, expect, it } from "vitest";
import { annotationsOf, type Note } from "../../../cli/action/annotations.ts";

const note = (more: Partial<Note>): Note => ({ level: "error", kind: "a.b", message: "It broke", ...more });

describe("annotationsOf", () => {
  it("makes one of each kind, with a count", () => {
    expect(
      annotationsOf([note({}), note({ message: "It broke too" }), note({ kind: "c.d", level: "warning" })]),
    ).toEqual([
      { level: "error", title: "a.b (2)", message: "It broke, and 1 more" },
      { level: "warning", title: "c.d", message: "It broke" },
    ]);
  });

  it("counts what is called by a noun", () => {
    const finding = { level: "warning", kind: "validation warning", isCounted: true } as const;
    expect(annotationsOf([note({ ...finding, message: "ios AcmeNotes.ipa: profile expires 2026-12-15" })])).toEqual([
      { level: "warning", title: "1 validation warning", message: "ios AcmeNotes.ipa: profile expires 2026-12-15" },
    ]);
    expect(annotationsOf([note(finding), note(finding)])).toMatchObject([{ title: "2 validation warnings" }]);
  });

  it("shows at most ten, errors first", () => {
    const warnings = Array.from({ length: 12 }, (_, i) => note({ level: "warning", kind: `w.${i}` }));
    const shown = annotationsOf([...warnings, note({})]);
    expect([shown.length, shown[0]?.level]).toEqual([10, "error"]);
  });

  it("points at a line of a file below the current folder, and at no other", () => {
    const at = (place: string) => annotationsOf([note({ at: place })])[0];
    expect(at("dist.json#/artifacts/2/platform (line 21)")).toMatchObject({ file: "dist.json", line: 21 });
    expect(at("dist.json#/artifacts/2")).toMatchObject({ file: "dist.json" });
    for (const place of ["/etc/passwd#/a", "../x#/a", "a\u{202e}b#/a", "entry 3 of 57"])
      expect(at(place)).not.toHaveProperty("file");
  });

  it("shows what could steer a terminal as text", () => {
    expect(annotationsOf([note({ message: "a\u{1b}[31m\nb" })])).toMatchObject([
      { message: String.raw`a\u{1b}[31m b` },
    ]);
  });
});
