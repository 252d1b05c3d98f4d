import { ToolError } from "../../kernel/errors.ts";
import { DECISIONS, STATE } from "../../state/branches.ts";
import { checkTip, isRemembered } from "../../state/tips.ts";
import type { Report, Violation } from "../../state/verify/check.ts";
import type { GateGround } from "../ground.ts";

/** Holds both tips against this user's memory; tells whether there was one. */
export async function lookAtTips(ground: GateGround, report: Report): Promise<boolean> {
  const isKnown = await isRemembered(ground.cache, STATE);
  const rewound = await Promise.all([STATE, DECISIONS].map((branch) => rewoundTip(ground, branch)));
  for (const found of rewound) if (found !== null) report(found);
  return isKnown;
}

async function rewoundTip(ground: GateGround, branch: string): Promise<Violation | null> {
  try {
    await checkTip(ground, branch);
    return null;
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code !== "state.ref.rewound") throw cause;
    return {
      rule: "state.ref.rewound",
      branch,
      commit: await ground.store.head(branch),
      path: null,
      message: cause.message,
      data: cause.data,
      next: "find out who moved it, and put back what is missing",
    };
  }
}
