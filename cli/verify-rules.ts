import { distributionRules } from "../src/distribution/rules.ts";
import { gateRules } from "../src/gate/verify/rules.ts";
import { stateRules } from "../src/state/rules.ts";
import type { VerifyRule } from "../src/state/verify/rule.ts";
import { byCodePoint } from "../src/kernel/text.ts";

/** Rules of `state verify` of every plane, violations first, each by name. */
export const verifyRules: readonly VerifyRule[] = [...stateRules, ...gateRules, ...distributionRules].toSorted(
  (a, b) => byCodePoint(a.level, b.level) || byCodePoint(a.id, b.id),
);
