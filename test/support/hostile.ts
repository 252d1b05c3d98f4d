import { isOid, type Oid } from "../../src/kernel/oid.ts";
import { encodeCommit } from "../../src/platform/git/commit.ts";
import { gitObject } from "../../src/platform/git/objects.ts";
import { DECISIONS } from "../../src/state/branches.ts";
import type { GateWorld } from "./gate-world.ts";

const FAR = new Date("2100-01-01T00:00:00Z");

/** What somebody with push rights may do to the branches without asking the tool. */
export function hostile(world: GateWorld) {
  const { store, repository } = world;
  const headOf = async (branch: string): Promise<Oid> => (await store.head(branch))!;
  /** Moves a branch to a commit, whatever it was at. */
  const move = (branch: string, commit: Oid) => void repository.branches.set(branch, commit);
  const put = async (
    branch: string,
    writes: Readonly<Record<string, string | Uint8Array | null>>,
    more: { readonly merge?: Oid; readonly onto?: Oid; readonly at?: string } = {},
  ): Promise<Oid> => {
    const bytes = Object.entries(writes).map(
      ([path, text]) => [path, typeof text === "string" ? Buffer.from(text) : text] as const,
    );
    const { at, ...parents } = more;
    const act = at === undefined ? world.act() : { ...world.act(), at };
    const applied = await store.apply(
      branch,
      { act, reads: new Map(), writes: new Map(bytes), message: "by hand", ...parents },
      FAR,
    );
    if (!("commit" in applied)) throw new Error("it moved");
    return applied.commit;
  };
  /** Files that a proposal changes, with their bytes at its head. */
  const filesOf = async (head: Oid, base: Oid) => {
    const files: Record<string, Uint8Array | null> = {};
    for await (const { path, after } of store.diff(base, head)) {
      const [found] = await store.read(head, [path]);
      files[path] = after !== null && found && "bytes" in found ? found.bytes : null;
    }
    return files;
  };
  return {
    headOf,
    move,
    put,
    filesOf,
    /** Merges as `git merge` does, whatever policy says. */
    async mergeAnyway(id: string, extra: Readonly<Record<string, string | null>> = {}, at?: string): Promise<Oid> {
      const head = await headOf(`waybill/proposal/${id}`);
      const tip = await headOf(DECISIONS);
      const base = await baseOf(world, head);
      const more = at === undefined ? { merge: head } : { merge: head, at };
      return put(DECISIONS, { ...(await filesOf(head, base ?? tip)), ...extra }, more);
    },
    /** Squashes a proposal into one commit of one parent. */
    async squash(id: string): Promise<Oid> {
      const head = await headOf(`waybill/proposal/${id}`);
      return put(DECISIONS, await filesOf(head, await headOf(DECISIONS)));
    },
    /** The same tree with another mode for one file. */
    withMode(tree: Oid, path: string, mode: string): Oid {
      const [name = "", ...rest] = path.split("/");
      const entries = treeEntries(repository.objects.get(tree)!.content).map((entry) => {
        if (entry.name !== name) return entry;
        return rest.length === 0
          ? { ...entry, mode }
          : { ...entry, oid: this.withMode(entry.oid, rest.join("/"), mode) };
      });
      const content = Buffer.concat(
        entries.map(({ mode: octal, name: of, oid }) =>
          Buffer.concat([Buffer.from(`${octal} ${of}\0`), Buffer.from(oid, "hex")]),
        ),
      );
      const object = gitObject("sha1", "tree", content);
      repository.objects.set(object.oid, { kind: "tree", content });
      return object.oid;
    },
    /** Makes a commit of a tree with any parents, at any time. */
    async commitWith(tree: Oid, parents: readonly Oid[], at?: string): Promise<Oid> {
      const first = at === undefined ? await store.commit(parents[0]!) : null;
      const act = at === undefined ? world.act() : { ...world.act(), at };
      const content = encodeCommit({ tree, parents, first, act, message: "by hand" });
      const object = gitObject("sha1", "commit", content);
      repository.objects.set(object.oid, { kind: "commit", content });
      return object.oid;
    },
  };
}

/** Entries of a raw tree: mode, name, and 20 bytes of id. */
function treeEntries(
  content: Uint8Array,
): readonly { readonly mode: string; readonly name: string; readonly oid: Oid }[] {
  const bytes = Buffer.from(content);
  const entries = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    const [mode = "", name = ""] = bytes.subarray(at, end).toString().split(" ");
    const oid = bytes.subarray(end + 1, end + 21).toString("hex");
    if (isOid(oid)) entries.push({ mode, name, oid });
    at = end + 21;
  }
  return entries;
}

async function baseOf({ store }: GateWorld, head: Oid): Promise<Oid | undefined> {
  const tip = await store.head(DECISIONS);
  const history = new Set<Oid>();
  for await (const { commit } of store.log(null, tip!)) history.add(commit);
  for await (const { commit } of store.log(null, head)) if (history.has(commit)) return commit;
  return undefined;
}
