import type { Forge } from "../../src/ports/forge.ts";

/** A forge that can only start workflows; everything else is not asked of it. */
export function dispatchingForge(dispatch: Forge["dispatch"]): Forge {
  const no = async (): Promise<never> => {
    throw new Error("Nothing else is asked of this forge");
  };
  return {
    kind: "github",
    name: "acme/notes",
    url: "https://github.com/acme/notes",
    compareUrl: (id) => id,
    open: no,
    list: () => ({ [Symbol.asyncIterator]: () => ({ next: no }) }),
    find: no,
    answers: no,
    run: no,
    show: no,
    post: no,
    comment: no,
    close: no,
    merge: no,
    me: no,
    visibility: no,
    repositoryId: no,
    account: no,
    now: no,
    dispatch,
  };
}
