import { ToolError } from "../kernel/errors.ts";
import { printable } from "../kernel/text.ts";
import type { View } from "../state/view.ts";
import type { GateGround } from "./ground.ts";

/**
 * Refuses to act on a repository that has the branches of another one: a fork, or a name that somebody registered again. Its number
 * stays when it is renamed. Throws `scope.foreign`; does nothing where there is no forge or no number is known.
 */
export async function refuseForeignRepository({ forge }: GateGround, facts: View): Promise<void> {
  const own = forge && (await facts.find("state.v1", {}))?.forge_repository_id;
  if (forge === undefined || own === undefined || own === null) return;
  const here = await forge.repositoryId();
  if (here === own) return;
  throw new ToolError(
    "scope.foreign",
    `The state of ${printable(forge.name, 200)} belongs to another repository, number ${own}`,
    {
      data: { field: "forge_repository_id", own, here },
      hints: ["This is a fork or a name that was registered again; make its own state: waybill init"],
    },
  );
}
