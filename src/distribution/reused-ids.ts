import { type Oid, shortOid } from "../kernel/oid.ts";
import { printable } from "../kernel/text.ts";
import type { ReleaseV1 } from "../schema/types.gen.ts";
import { STATE } from "../state/branches.ts";
import { pathOf } from "../state/document-kind.ts";
import type { ChangedFile, Side, VerifyCheck, VerifyGround } from "../state/verify/check.ts";
import { openView } from "../state/view.ts";
import { RELEASE_PATH, releaseKey } from "./core/release-path.ts";
import { readableReleases, slugsOf } from "./find-release.ts";

/**
 * `release.id_reused`: no release takes the id of another one, whatever app it is of. Of two the one that came first has it, for good. A walk that
 * goes on from a remembered one reads the older releases when it meets the first new one.
 */
export const reusedIds: VerifyCheck = {
  rules: ["release.id_reused"],
  begin: async ({ ground, report, after, isCut, first }) => {
    let known: Promise<Map<string, string>> | undefined;
    const owners = () => (known ??= ownersAt(ground, after ?? (isCut ? first : null)));
    let changed: ChangedFile[] = [];
    return {
      onStart() {
        changed = [];
      },
      onFile(file) {
        if (file.place?.kind.name === "release.v1") changed.push(file);
      },
      async onCommit({ commit }) {
        if (changed.length === 0) return;
        const owner = await owners();
        for (const { path, after: side } of changed) {
          const id = idIn(side);
          if (id === undefined) continue;
          const other = owner.get(id);
          if (other === undefined) owner.set(id, path);
          else if (other !== path)
            report({
              rule: "release.id_reused",
              branch: STATE,
              commit,
              path,
              message: `${printable(path)} takes the id ${printable(id)} of ${printable(other)}`,
              data: { release_id: id, other },
              next: `find who pushed ${shortOid(commit)}, and remove ${printable(path)} with a commit`,
            });
        }
      },
    };
  },
};

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
