import type { ArtifactStore } from "../../src/ports/artifact-store.ts";
import type { Forge } from "../../src/ports/forge.ts";
import type { Files } from "../../src/ports/files.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import type { Keys } from "../../src/ports/signer.ts";
import { isOid, type Oid } from "../../src/kernel/oid.ts";
import { counted, shortCommit } from "../output/cells.ts";

/** Remembers what one run wrote, so that an error can say it. */
export class Journal {
  readonly #commits: string[] = [];
  #files = 0;

  /** The words at the end of an error, for example `nothing was written`. */
  text(): string {
    const last = this.#commits.at(-1);
    const parts = [
      ...(last === undefined ? [] : [`${counted(this.#commits.length, "commit")} (${shortCommit(last)})`]),
      ...(this.#files === 0 ? [] : [counted(this.#files, "file")]),
    ];
    if (parts.length === 0) return "nothing was written";
    return `${parts.join(" and ")} ${this.#commits.length + this.#files === 1 ? "was" : "were"} written`;
  }

  /** Watches a git store; in a dry run its branches do not move, and a change answers the tip that it would go on. */
  store(store: GitStore, dryRun: boolean): GitStore {
    return {
      ...store,
      apply: async (branch, change, deadline) => {
        if (dryRun) return { commit: (await store.head(branch)) ?? change.onto ?? noCommit() };
        const applied = await store.apply(branch, change, deadline);
        if ("commit" in applied) this.#commits.push(applied.commit);
        return applied;
      },
      replace: async (branch, files, act) => {
        if (dryRun) return (await store.head(branch)) ?? noCommit();
        const commit = await store.replace(branch, files, act);
        this.#commits.push(commit);
        return commit;
      },
      drop: async (branch, tip) => {
        if (!dryRun) await store.drop(branch, tip);
      },
    };
  }

  /** Watches a forge; in a dry run nothing is said or done there. */
  forge(forge: Forge, dryRun: boolean): Forge {
    if (!dryRun)
      return {
        ...forge,
        merge: async (...asked) => {
          const merged = await forge.merge(...asked);
          if ("commit" in merged) this.#commits.push(merged.commit);
          return merged;
        },
      };
    const nothing = () => Promise.resolve();
    return { ...forge, show: nothing, post: nothing, comment: nothing, close: nothing, dispatch: nothing };
  }

  /** Watches an artifact store. */
  artifacts(artifacts: ArtifactStore): ArtifactStore {
    return {
      ...artifacts,
      draft: async (release) => {
        const draft = await artifacts.draft(release);
        return { ...draft, put: async (file, task) => this.#counting(await draft.put(file, task)) };
      },
    };
  }

  /** Watches the user's files. */
  files(files: Files): Files {
    return {
      ...files,
      write: async (path, content, options) => this.#counting(await files.write(path, content, options)),
      writeStream: async (path, chunks, accept) => this.#counting(await files.writeStream(path, chunks, accept)),
    };
  }

  /** Watches the user's keys. */
  keys(keys: Keys): Keys {
    return { ...keys, create: async (name, passphrase) => this.#counting(await keys.create(name, passphrase)) };
  }

  #counting<T>(done: T): T {
    this.#files += 1;
    return done;
  }
}

/** Stands for the commit that a dry run would have made on a branch that does not exist. */
function noCommit(): Oid {
  const zero = "0".repeat(40);
  if (!isOid(zero)) throw new Error("40 zeros are an object id");
  return zero;
}
