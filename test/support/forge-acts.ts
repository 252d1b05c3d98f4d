import type { Act } from "../../src/kernel/act.ts";
import { timestamp } from "../../src/kernel/time.ts";
import { testAct } from "./git-repo.ts";

/**
 * An act that begins now, so that nothing on a branch can be its commit but what comes after: also on a machine so busy that GitHub's
 * time, which an answer brought, is some seconds old.
 */
export function nowAct(name: string, aheadMs = 60_000): Act {
  return testAct(name, timestamp(new Date(Date.now() + aheadMs)));
}
