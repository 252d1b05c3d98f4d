import { altered } from "./verify/altered.ts";
import { audited } from "./verify/audited.ts";
import type { VerifyCheck } from "./verify/check.ts";
import { clock } from "./verify/clock.ts";
import { crowded } from "./verify/crowded.ts";
import { frozen } from "./verify/frozen.ts";
import { knownPaths } from "./verify/known-paths.ts";
import { linear } from "./verify/linear.ts";
import { sealed } from "./verify/sealed.ts";
import { valid } from "./verify/valid.ts";

/** Checks of facts that belong to no plane. */
export const stateChecks: readonly VerifyCheck[] = [
  altered,
  audited,
  clock,
  crowded,
  frozen,
  knownPaths,
  linear,
  sealed,
  valid,
];
