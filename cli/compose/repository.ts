import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { ToolError } from "../../src/kernel/errors.ts";
import { printable } from "../../src/kernel/text.ts";
import { gitOf } from "../../src/platform/git/git-process.ts";
import { findPlace, type Place } from "../../src/platform/git/place.ts";
import type { Args } from "../command.ts";
import { serverOf } from "./server.ts";

/** The repository that a run works on. */
export interface RepositoryAt {
  /** A path, or the address of a remote. */
  readonly location: string;
  /** The repository on disk; null for an address. */
  readonly place: Place | null;
  /** True where only what was fetched before may be read. */
  readonly offline: boolean;
}

/** Finds the repository by `--server`, else around the current folder. Throws `state.repository.missing`. */
export async function repositoryOf(args: Args, env: ReadonlyMap<string, string>): Promise<RepositoryAt> {
  const given = args["server"];
  const offline = args["offline"] === true;
  const server = typeof given === "string" ? serverOf(given, await isFolder(given)) : null;
  if (server?.kind === "remote") return { location: server.url, place: null, offline };
  const path = server?.path ?? ".";
  const place = (await isFolder(path)) ? await findPlace(gitOf(env), path) : null;
  if (place === null) throw missing(server?.path ?? null);
  return { location: resolve(path), place, offline };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function missing(path: string | null): ToolError {
  if (path === null) {
    return new ToolError("state.repository.missing", "There is no git repository here", {
      hints: ["Go into a clone, or name a repository: --server ./repo.git", "waybill init ./repo.git makes one"],
    });
  }
  return new ToolError("state.repository.missing", `There is no git repository at ${printable(path)}`, {
    data: { path },
    hints: [`waybill init ${printable(path)}`],
  });
}
