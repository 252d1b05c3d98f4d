import { randomBytes } from "node:crypto";
import type { Entropy } from "../ports/clock.ts";

/** Random bytes of the operating system. */
export const systemEntropy: Entropy = { bytes: (length) => randomBytes(length) };
