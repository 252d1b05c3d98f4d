import { describe, expect, it } from "vitest";
import { ToolError } from "../../../src/kernel/errors.ts";
import { startInspection } from "../../../src/inspect/inspect-file.ts";
import { defineInspector } from "../../../src/inspect/inspector.ts";
import { inspectBytes, sourceOf } from "../../support/inspect-bytes.ts";

const quiet = defineInspector({
  id: "quiet",
  title: "Quiet",
  version: 3,
  problems: [],
  detect: () => true,
  open: async () => ({ finish: () => undefined }),
});
const bytes = Buffer.from("hello");

describe("inspection", () => {
  it("skips a format that nobody knows", async () => {
    expect(await inspectBytes(bytes)).toMatchObject({ kind: "opaque", checks: [{ status: "skipped" }] });
  });

  it("makes a finding of whatever a reader stumbles over, and keeps what it noted before", async () => {
    const clumsy = defineInspector({
      ...quiet,
      open: async (_, notes) => {
        notes.facts({ package: "a.b", version: undefined });
        throw new RangeError("offset out of bounds");
      },
    });
    expect(await inspectBytes(bytes, 2, [clumsy])).toMatchObject({
      kind: "quiet",
      inspector_version: 3,
      facts: { package: "a.b" },
      checks: [{ id: "quiet.malformed", status: "failed", detail: { code: "inspect.quiet.malformed" } }],
    });
  });

  it.each([
    [
      "at once",
      () => {
        throw new Error("no");
      },
    ],
    [
      "later",
      async () => {
        throw new Error("no");
      },
    ],
  ])("feeds a reader no more after it failed %s", async (_, onBytes) => {
    let fed = 0;
    let closed = 0;
    const failing = defineInspector({
      ...quiet,
      open: async () => ({
        onBytes: () => {
          fed += 1;
          return onBytes();
        },
        finish: () => {
          throw new Error("not reached");
        },
        close: () => {
          closed += 1;
        },
      }),
    });
    const { checks } = await inspectBytes(bytes, 1, [failing]);
    expect([fed, closed, checks.length]).toEqual([1, 1, 1]);
  });

  it("throws when the file itself cannot be read", async () => {
    const broken = {
      ...sourceOf(bytes),
      read: () => Promise.reject(new ToolError("file.unreadable", "the disk is gone")),
    };
    await expect(startInspection(broken)).rejects.toMatchObject({ code: "file.unreadable" });
    const opened = defineInspector({
      ...quiet,
      open: async (file) => ({
        finish: async () => {
          await file.read(5, 1);
        },
      }),
    });
    const failsLater = {
      sizeBytes: 5,
      read: async (offset: number) => (offset === 0 ? bytes : Promise.reject(new ToolError("file.unreadable", "gone"))),
    };
    const inspecting = await startInspection(failsLater, [opened]);
    await expect(inspecting.finish()).rejects.toMatchObject({ code: "file.unreadable" });
  });
});
