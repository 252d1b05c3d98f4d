import { defineCommand } from "../command.ts";
import { distDoctor } from "./dist-doctor.ts";

/** `waybill doctor`: the same as `dist doctor`, where people look for it. */
export const doctor = defineCommand({ ...distDoctor, path: "doctor", examples: ["doctor", "doctor --json"] });
