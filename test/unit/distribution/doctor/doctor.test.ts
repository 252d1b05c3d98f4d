import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { doctorChecks } from "../../../../src/distribution/doctor/all.ts";
import type { DoctorCheck, Symptom } from "../../../../src/distribution/doctor/check.ts";
import { examine } from "../../../../src/distribution/doctor/doctor.ts";
import { patientOf } from "../../../../src/distribution/doctor/patient.ts";
import { ToolError } from "../../../../src/kernel/errors.ts";
import { makeWorld } from "../../../support/world.ts";

function check(id: string, run: () => readonly Symptom[]): DoctorCheck {
  return { id, title: `${id} is well`, run: async () => run() };
}

function result(...checks: readonly DoctorCheck[]) {
  return examine(patientOf(makeWorld(), false), checks);
}

const ill = (status: Symptom["status"], message: string = status): Symptom => ({ status, message, fix: null });

describe("examine", () => {
  it("puts the worst first and counts each status", async () => {
    const { findings, ...counts } = await result(
      check("a.ok", () => []),
      check("b.mixed", () => [ill("warn"), ill("fail")]),
      check("c.warn", () => [ill("warn")]),
      check("d.unknown", () => [ill("unknown")]),
    );
    expect(findings.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "b.mixed fail",
      "b.mixed warn",
      "c.warn warn",
      "d.unknown unknown",
      "a.ok ok",
    ]);
    expect(counts).toMatchObject({ ok: 1, warn: 2, fail: 1, unknown: 1 });
  });

  it("says unknown of a check that could not find out, with the reason and what to do", async () => {
    const thrown = new ToolError("state.push.network", "The remote did not answer", { hints: ["Try again"] });
    const { findings } = await result(
      check("a.b", () => {
        throw thrown;
      }),
    );
    expect(findings).toEqual([
      { id: "a.b", status: "unknown", message: "state.push.network: The remote did not answer", fix: "Try again" },
    ]);
  });

  it("does not hide a bug of ours", async () => {
    for (const bug of [new TypeError("x is undefined"), new ToolError("internal.bug", "x")]) {
      const thrown = result(
        check("a.b", () => {
          throw bug;
        }),
      );
      await expect(thrown).rejects.toBe(bug);
    }
  });

  it("bounds and escapes what it shows", async () => {
    const many = Array.from({ length: 25 }, (_, i) => ill(i < 24 ? "warn" : "fail", `line ${i}\n\u001b[31m`));
    const { findings, fail } = await result(check("a.b", () => many));
    expect([findings.length, fail]).toEqual([21, 1]);
    expect(findings.some(({ message }) => message === "5 more of a.b")).toBe(true);
    expect(findings[0]?.message).toBe("line 24\\u{a}\\u{1b}[31m");
  });

  it("has a line in all.ts for every check", () => {
    const folder = "src/distribution/doctor";
    const files = readdirSync(folder).filter((file) =>
      readFileSync(`${folder}/${file}`, "utf8").includes(": DoctorCheck = "),
    );
    const ids = doctorChecks.map(({ id }) => `${id.replaceAll(/[._]/g, "-")}.ts`);
    expect(ids.toSorted()).toEqual(files.toSorted());
  });
});
