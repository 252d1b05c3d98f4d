import { shortOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Commit, GitStore } from "../../ports/git-store.ts";
import { STATE } from "../branches.ts";
import type { ChangedFile, VerifyCheck } from "./check.ts";

const PLAIN = "100644";
/** Names that Windows keeps for devices, and those by which git folders are reached. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?$|^\.git|^git~[0-9]|[. ]$|[<>:"|?*\\]/i;

/** `path.unknown`: only plain files, at paths that a kind of document has, under names that every system can hold. */
export const knownPaths: VerifyCheck = {
  rules: ["path.unknown"],
  begin: async ({ ground, report }) => {
    let added: string[] = [];
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
        const why = strangeness(file);
        if (why !== null) say(commit, file.path, why);
        if (file.before === null) added.push(file.path);
      },
      async onCommit(commit) {
        for (const [path, twin] of await twinsOf(ground.store, commit, added))
          say(commit, path, `differs from ${printable(twin)} only by case`);
        added = [];
      },
    };
  },
};

function strangeness({ path, mode, place, after }: ChangedFile): string | null {
  if (after === null) return null;
  if (mode !== PLAIN) return `has mode ${mode}, and only ${PLAIN} is a document`;
  const reserved = path.split("/").find((name) => RESERVED.test(name));
  if (reserved !== undefined) return `holds the name ${printable(reserved)}, which some systems reserve`;
  return place === undefined ? "is at no path of a document" : null;
}

/** Added paths with names, in any of their folders, that differ from a neighbour only by case. */
async function twinsOf(
  store: GitStore,
  { commit }: Commit,
  added: readonly string[],
): Promise<readonly (readonly [path: string, twin: string])[]> {
  const twins: (readonly [string, string])[] = [];
  // Folder to the names in it that may be new, each with a path that brought it.
  for (let level = namesByFolder(added.map((path) => [path, path])); level.size > 0; ) {
    const found = await store.read(commit, [...level.keys()]);
    const above: (readonly [string, string])[] = [];
    for (const [i, [folder, fresh]] of [...level].entries()) {
      const names = namesIn(found[i] ?? null);
      for (const [name, path] of fresh) {
        const twin = twinOf(names, name);
        if (twin !== undefined) twins.push([path, join(folder, twin)]);
      }
      // Only a folder that holds nothing older can be new itself.
      const [path] = fresh.values();
      if (folder !== "" && names.length === fresh.size && path !== undefined) above.push([folder, path]);
    }
    level = namesByFolder(above);
  }
  return twins;
}

function namesByFolder(items: readonly (readonly [item: string, path: string])[]): Map<string, Map<string, string>> {
  const level = new Map<string, Map<string, string>>();
  for (const [item, path] of items) {
    const end = item.lastIndexOf("/");
    const folder = item.slice(0, Math.max(0, end));
    const names = level.get(folder) ?? new Map<string, string>();
    level.set(folder, names.set(item.slice(end + 1), path));
  }
  return level;
}

function namesIn(found: Awaited<ReturnType<GitStore["read"]>>[number]): readonly string[] {
  return found !== null && "names" in found ? found.names.map((name) => name.replace(/\/$/, "")) : [];
}

function twinOf(names: readonly string[], name: string): string | undefined {
  const folded = name.toLowerCase();
  return names.find((other) => other.length === name.length && other !== name && other.toLowerCase() === folded);
}

function join(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}
