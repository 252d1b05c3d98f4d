import { isForgeError } from "../forge-error.ts";
import type { NamedProposal } from "./judge-open.ts";
import type { ToolError } from "../../kernel/errors.ts";
import type { Forge, Proposal } from "../../ports/forge.ts";
import type { GateGround } from "../ground.ts";
import { openHeads } from "./open-proposal.ts";
import { isProposal } from "./read-open.ts";

/** Most pull requests into the decisions branch that one run looks at. */
const MAX_PULLS = 500;

/** Everything that is open. */
export interface OpenList {
  /** Branches of proposals by code point of id, with their pull requests where there are any. */
  readonly named: readonly NamedProposal[];
  /** Pull requests into the decisions branch that are no proposals, oldest first. */
  readonly foreign: readonly Proposal[];
  /** Why the forge did not list its pull requests. */
  readonly problems: readonly ToolError[];
}

/** Lists open proposals: branches, and where there is a forge its pull requests. */
export async function openProposals({ store, forge }: Pick<GateGround, "store" | "forge">): Promise<OpenList> {
  const { pulls, problems } = await pullsOf(forge);
  const heads = await openHeads(store);
  const named = [...heads].map(([id, head]) => {
    const pull = pulls.find((one) => isProposal(one) && one.id === id);
    return { id, head, ...(pull === undefined ? {} : { pull }) };
  });
  return { named, foreign: pulls.filter((pull) => !isProposal(pull)).toReversed(), problems };
}

async function pullsOf(forge: Forge | undefined) {
  const pulls: Proposal[] = [];
  const problems: ToolError[] = [];
  try {
    for await (const pull of forge?.list("open") ?? []) if (pulls.push(pull) === MAX_PULLS) break;
  } catch (cause) {
    if (!isForgeError(cause)) throw cause;
    problems.push(cause);
  }
  return { pulls, problems };
}
