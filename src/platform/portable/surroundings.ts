import { isOid, type Oid } from "../../kernel/oid.ts";
import type { Surroundings } from "../../ports/surroundings.ts";
import { filesAround, REPLACED } from "../git/surroundings.ts";
import { namesBelow, packedBelow, packedRefs } from "./refs.ts";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Most refs of one kind that are told of; more of them say nothing new. */
const MAX_REFS = 1000;
const MAX_DEPTH = 24;

/** Looks, without git, for what goes by the name of a branch. Source: gitrevisions(7). */
export async function surroundingsOf(gitDir: string, branches: readonly string[]): Promise<Surroundings> {
  const packed = packedBelow(await packedRefs(gitDir), "refs/");
  const names = [...new Set([...packed.keys(), ...(await namesBelow(gitDir, "refs", MAX_DEPTH))])].toSorted();
  const { linked, files } = await filesAround(gitDir, branches);
  const named = names.flatMap((ref) => {
    const branch = branches.find((one) => isNamesake(ref, one));
    return branch === undefined ? [] : [{ ref, branch }];
  });
  const found = named
    .slice(0, MAX_REFS)
    .map(async ({ ref, branch }) => ({ ref, branch, tip: await tipOf(gitDir, ref, packed) }));
  return {
    namesakes: [...linked, ...(await Promise.all(found))],
    replaced: names
      .filter((ref) => ref.startsWith(REPLACED))
      .slice(0, MAX_REFS)
      .map((ref) => ref.slice(REPLACED.length)),
    files,
  };
}

/** The places in which git looks for a short name, and branches of any remote. */
function isNamesake(ref: string, branch: string): boolean {
  const places = ["refs", "refs/tags", "refs/heads"].map((place) => `${place}/${branch}`);
  return places.includes(ref) || (ref.startsWith("refs/remotes/") && ref.endsWith(`/${branch}`));
}

async function tipOf(gitDir: string, ref: string, packed: ReadonlyMap<string, Oid>): Promise<Oid | null> {
  const text = await readFile(join(gitDir, ref), "latin1").catch(() => null);
  const tip = text?.trimEnd() ?? packed.get(ref) ?? "";
  return isOid(tip) ? tip : null;
}
