import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { freezeRow, isInWindow, nextOpening, windowProblem } from "../../../../src/gate/core/freeze.ts";
import type { FreezeWindow } from "../../../../src/schema/types.gen.ts";

/** Fridays from 16:00 in Berlin until Monday 08:00. */
const weekend: FreezeWindow = { kind: "exclude", cron: "0 16 * * FRI", minutes: 64 * 60, tz: "Europe/Berlin" };
const office: FreezeWindow = { kind: "allow", cron: "0 9 * * MON-FRI", minutes: 8 * 60, tz: "Europe/Berlin" };
const holidays: FreezeWindow = { kind: "exclude", from: "2026-12-20T00:00:00Z", to: "2027-01-04T00:00:00Z", tz: "UTC" };

function statusAt(windows: readonly FreezeWindow[], at: string): string {
  return freezeRow(windows, at).status;
}

describe("a freeze window", () => {
  it("begins with its start and ends before its end, to the second", () => {
    // In winter Berlin is UTC+1.
    expect(statusAt([weekend], "2026-01-09T14:59:59Z")).toBe("ok");
    expect(statusAt([weekend], "2026-01-09T15:00:00Z")).toBe("wait");
    expect(statusAt([weekend], "2026-01-12T06:59:59Z")).toBe("wait");
    expect(statusAt([weekend], "2026-01-12T07:00:00Z")).toBe("ok");
  });

  it("keeps to its zone when the clocks change", () => {
    // In summer Berlin is UTC+2.
    expect(statusAt([weekend], "2026-07-10T13:59:59Z")).toBe("ok");
    expect(statusAt([weekend], "2026-07-10T14:00:00Z")).toBe("wait");
  });

  it("may be one span", () => {
    expect(statusAt([holidays], "2026-12-19T23:59:59Z")).toBe("ok");
    expect(statusAt([holidays], "2026-12-20T00:00:00Z")).toBe("wait");
    expect(statusAt([holidays], "2027-01-04T00:00:00Z")).toBe("ok");
  });

  it("that allows shuts every other time out, and one that excludes beats it", () => {
    expect(statusAt([office], "2026-01-06T10:00:00Z")).toBe("ok");
    expect(statusAt([office], "2026-01-06T20:00:00Z")).toBe("wait");
    expect(statusAt([office, holidays], "2026-12-22T10:00:00Z")).toBe("wait");
    expect(statusAt([], "2026-12-22T10:00:00Z")).toBe("ok");
  });

  it("says when it opens again", () => {
    expect(freezeRow([weekend], "2026-01-10T12:00:00Z").message).toBe(
      "a freeze window is on until 2026-01-12T07:00:00Z",
    );
    expect(freezeRow([office], "2026-01-06T20:00:00Z").message).toBe(
      "no allowed window is on until 2026-01-07T08:00:00Z",
    );
    expect(freezeRow([office, holidays], "2026-12-22T10:00:00Z").message).toContain("until 2027-01-04T08:00:00Z");
    expect(freezeRow([weekend], "2026-01-06T10:00:00Z").message).toBe("no freeze before 2026-01-09T15:00:00Z");
    const never: FreezeWindow = { kind: "allow", from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z", tz: "UTC" };
    expect(freezeRow([never], "2026-01-06T10:00:00Z")).toMatchObject({ status: "wait" });
  });

  it("opens exactly where the next opening says", () => {
    const hours = fc.integer({ min: 0, max: 24 * 365 });
    fc.assert(
      fc.property(
        hours,
        fc.integer({ min: 1, max: 22 * 60 }),
        fc.integer({ min: 0, max: 23 }),
        (start, minutes, hour) => {
          const window: FreezeWindow = { kind: "exclude", cron: `0 ${hour} * * *`, minutes, tz: "America/New_York" };
          const at = Date.parse("2026-01-01T00:00:00Z") + start * 3_600_000;
          const opens = nextOpening([window], at);
          if (!isInWindow(window, at)) return;
          expect(isInWindow(window, opens ?? at)).toBe(false);
          expect(isInWindow(window, (opens ?? 0) - 1)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("that lasts longer than its period never opens", () => {
    const window: FreezeWindow = { kind: "exclude", cron: "0 9 * * *", minutes: 3000, tz: "UTC" };
    expect(freezeRow([window], "2026-01-06T10:00:00Z").message).toBe(
      "a freeze window is on and no opening is in sight",
    );
  });

  it.each<[string, FreezeWindow]>([
    ["nothing to go by", { kind: "allow", tz: "UTC" }],
    ["a cron without length", { kind: "allow", cron: "0 9 * * *", tz: "UTC" }],
    ["both a cron and a span", { ...holidays, cron: "0 9 * * *", minutes: 1 }],
    ["an end before its begin", { ...holidays, to: "2026-01-01T00:00:00Z" }],
    ["an unknown zone", { ...office, tz: "Europe/Berlim" }],
    ["a cron that is none", { ...office, cron: "61 9 * * *" }],
    ["a cron of 6 parts", { ...office, cron: "0 0 9 * * *" }],
    ["a day that never comes", { ...office, cron: "0 9 30 2 *" }],
  ])("cannot have %s", (_, window) => {
    expect(windowProblem(window)).not.toBeNull();
    expect(windowProblem(office)).toBeNull();
    expect(windowProblem(holidays)).toBeNull();
  });
});
