import { STATE } from "../../state/branches.ts";
import { onForge } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { fail, warn } from "./symptoms.ts";

/** The branches belong to this repository, and not to one that it was forked from. */
export const scopeForeign: DoctorCheck = onForge({
  id: "scope.foreign",
  title: "The branches name the repository that they lie in",
  async run(forge, { facts }) {
    const [{ id, isFork }, view] = await Promise.all([forge.repository(), facts()]);
    const state = await view.find("state.v1", {});
    if (state === undefined || state.forge_repository_id === id) return [];
    const named = state.forge_repository_id;
    if (named === null) {
      const message = `${STATE} names no repository of GitHub, so a copy of it elsewhere cannot be told apart`;
      return [warn(message, "Only waybill init --github writes it, where the branches are made")];
    }
    const why = isFork ? "this is a fork of it" : "they were copied, or the name was registered again";
    return [
      fail(
        `The branches belong to repository ${named}, and this is ${id}: ${why}`,
        "Work in the repository that they belong to; or delete both here and run waybill init --github",
      ),
    ];
  },
});
