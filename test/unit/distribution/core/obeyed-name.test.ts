import { describe, expect, test } from "vitest";
import { isObeyed } from "../../../../src/distribution/core/obeyed-name.ts";

describe("a name that a release gives to a file", () => {
  test.each([
    ".npmrc",
    ".waybill.json",
    ".gitattributes",
    "\uFF0Enpmrc",
    "Makefile",
    "GNUmakefile",
    "PACKAGE.JSON",
    "vite.config.ts",
    "eslint.config.mjs",
    "conftest.py",
    "Dockerfile",
    "-rf",
    "package.json.",
    "package.json ",
    "notes.deb:stream",
    "nul.txt",
    "COM1",
  ])("is not taken unasked: %j", (name) => {
    expect(isObeyed(name)).toBe(true);
  });

  test.each([
    "notes-1.4.0.deb",
    "AcmeNotes.ipa",
    "app.tar.gz",
    "config.zip",
    "package.json.gz",
    "make",
    "console.exe",
    "a.b-c",
  ])("is: %j", (name) => {
    expect(isObeyed(name)).toBe(false);
  });
});
