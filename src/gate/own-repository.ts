import { ToolError } from "../kernel/errors.ts";
import { printable, withoutSecret } from "../kernel/text.ts";
import type { StateV1 } from "../schema/types.gen.ts";
import { DECISIONS, STATE } from "../state/branches.ts";
import type { View } from "../state/view.ts";
import type { GateGround } from "./ground.ts";

/**
 * Refuses to act on a repository that has the branches of another one: a fork, or a name that somebody registered again. Its number
 * stays when it is renamed. Throws `scope.foreign`; does nothing where there is no forge or no number is known.
 */
export async function refuseForeignRepository({ forge }: GateGround, facts: View): Promise<void> {
  const state = forge && (await facts.find("state.v1", {}));
  if (forge === undefined || state === undefined || state.forge_repository_id === null) return;
  refuseForeignState(state, { name: forge.name, id: await forge.repositoryId() });
}

/** Refuses facts that name another repository than the one that they lie in; null says nothing. Throws `scope.foreign`. */
export function refuseForeignState(
  { forge_repository_id: own }: Pick<StateV1, "forge_repository_id">,
  here: { readonly name: string; readonly id: number | null },
): void {
  if (own === null || here.id === null || own === here.id) return;
  throw new ToolError(
    "scope.foreign",
    `${STATE} in ${printable(withoutSecret(here.name), 200)} belongs to another repository of the forge: to number ${own}, and this is ${here.id}`,
    {
      data: { field: "forge_repository_id", own, here: here.id },
      hints: [
        "Work in the repository that the branches belong to",
        `In a fork of it, or under a name that was registered again: delete ${STATE} and ${DECISIONS} here, then run waybill init --github`,
      ],
    },
  );
}
