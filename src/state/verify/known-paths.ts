import { shortOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Commit } from "../../ports/git-store.ts";
import { STATE } from "../branches.ts";
import { segmentFinder } from "../seal/segment-path.ts";
import type { ChangedFile, VerifyCheck } from "./check.ts";

const PLAIN = "100644";
/** A path with a name that Windows keeps for devices, or by which git folders are reached; also one such name. */
const RESERVED =
  /(?:^|\/)(?:(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.[^/]*)?(?:\/|$)|\.git|git~[0-9])|[. ](?:\/|$)|[<>:"|?*\\]/i;

/** `path.unknown`: only plain files, at paths that a kind of document has, under names that every system can hold. */
export const knownPaths: VerifyCheck = {
  rules: ["path.unknown"],
  begin: async ({ ground, report }) => {
    const segmentOf = segmentFinder(ground.kinds);
    const say = (commit: Commit, path: string, message: string) =>
      report({
        rule: "path.unknown",
        branch: STATE,
        commit: commit.commit,
        path,
        data: {},
        message: `${printable(path)} ${message}`,
        next: `find who pushed ${shortOid(commit.commit)}`,
      });
    return {
      onFile(file, commit) {
        const why = strangeness(file, segmentOf);
        if (why !== null) say(commit, file.path, why);
        if (file.twin !== undefined) say(commit, file.path, `differs from ${printable(file.twin)} only by case`);
      },
    };
  },
};

function strangeness(
  { path, mode, place, after }: ChangedFile,
  segmentOf: ReturnType<typeof segmentFinder>,
): string | null {
  if (after === null) return null;
  if (mode !== PLAIN) return `has mode ${mode}, and only ${PLAIN} is a document`;
  const reserved = RESERVED.test(path) ? path.split("/").find((name) => RESERVED.test(name)) : undefined;
  if (reserved !== undefined) return `holds the name ${printable(reserved)}, which some systems reserve`;
  return place === undefined && segmentOf(path) === undefined ? "is at no path of a document" : null;
}
