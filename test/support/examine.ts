import { expect } from "vitest";
import type { DoctorCheck, Symptom } from "../../src/distribution/doctor/check.ts";
import { patientOf } from "../../src/distribution/doctor/patient.ts";
import type { TestWorld } from "./world.ts";

/** Runs one check on a world as it is now. */
export function examineBy(check: DoctorCheck, world: TestWorld, rehash = false): Promise<readonly Symptom[]> {
  return check.run(patientOf(world, rehash));
}

/** Stands for any text that contains one. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}
