import { ToolError } from "../kernel/errors.ts";
import { itemsOf, type Json } from "../kernel/json.ts";
import { isOid, type Oid, shortOid } from "../kernel/oid.ts";
import { printable } from "../kernel/text.ts";
import type { ReleaseV1 } from "../schema/types.gen.ts";
import { STATE } from "../state/branches.ts";
import { pathOf } from "../state/document-kind.ts";
import type { Side, VerifyCheck, VerifyGround, Violation } from "../state/verify/check.ts";
import { openView } from "../state/view.ts";
import { RELEASE_PATH, releaseKey } from "./core/release-path.ts";
import { readableReleases, slugsOf } from "./find-release.ts";

/**
 * `release.id_reused`: no release takes the id of another one, whatever app it is of. Of two the one that came first has it, for good. A walk that
 * goes on from a remembered one reads the older releases when it meets the first new one.
 */
export const reusedIds: VerifyCheck = {
  rules: ["release.id_reused"],
  helped: "reused_ids",
  begin: async ({ ground, report, after, isCut, first, isPart }) => {
    let known: Promise<Map<string, string>> | undefined;
    const owners = () => (known ??= ownersAt(ground, after ?? (isCut ? first : null)));
    let changed: Taking[] = [];
    const gathered: (readonly [Oid, readonly Taking[]])[] = [];
    const take = async (commit: Oid, takings: readonly Taking[]) => {
      const owner = await owners();
      for (const [path, id] of takings) {
        const other = owner.get(id);
        if (other === undefined) owner.set(id, path);
        else if (other !== path) report(reused(commit, [path, id], other));
      }
    };
    return {
      onFile({ path, place, after: side }) {
        const id = place?.kind.name === "release.v1" ? idIn(side) : undefined;
        if (id !== undefined) changed.push([path, id]);
      },
      async onCommit({ commit }) {
        if (changed.length === 0) return;
        const takings = changed;
        changed = [];
        // Who had an id before, only one who walks from the root knows.
        if (isPart) gathered.push([commit, takings]);
        else await take(commit, takings);
      },
      gathered: () => gathered,
      async pass(part) {
        for (const [commit, takings] of gatheredIn(part.gathered)) await take(commit, takings);
      },
    };
  },
};

/** A release of a commit, by the id that it goes by. */
type Taking = readonly [path: string, id: string];

function reused(commit: Oid, [path, id]: Taking, other: string): Violation {
  return {
    rule: "release.id_reused",
    branch: STATE,
    commit,
    path,
    message: `${printable(path)} takes the id ${printable(id)} of ${printable(other)}`,
    data: { release_id: id, other },
    next: `find who pushed ${shortOid(commit)}, and remove ${printable(path)} with a commit`,
  };
}

/** What a helper gathered, in order. */
function gatheredIn(gathered: Json | undefined): readonly (readonly [Oid, readonly Taking[]])[] {
  return itemsOf(gathered).map((one) => {
    const [commit = null, takings] = itemsOf(one);
    if (typeof commit !== "string" || !isOid(commit)) throw new ToolError("internal.bug", "A helper names no commit");
    return [commit, itemsOf(takings).map(takingIn)];
  });
}

function takingIn(json: Json): Taking {
  const [path, id] = itemsOf(json);
  if (typeof path === "string" && typeof id === "string") return [path, id];
  throw new ToolError("internal.bug", "A helper names no release");
}

/** Paths by id of the releases at a commit. */
async function ownersAt(ground: VerifyGround, at: Oid | null): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  if (at === null) return owners;
  const facts = openView({ ...ground, branch: "state" }, at);
  for (const slug of await slugsOf(facts))
    for (const release of await readableReleases(facts, slug)) owners.set(release.id, pathOfRelease(release));
  return owners;
}

function pathOfRelease({ app_id, version, build }: ReleaseV1): string {
  return pathOf({ path: RELEASE_PATH }, releaseKey(app_id, version, build));
}

function idIn(side: Side | null): string | undefined {
  const document = side?.document;
  return document !== undefined && "schema" in document && document.schema === "release.v1" ? document.id : undefined;
}
