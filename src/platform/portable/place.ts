import { ToolError } from "../../kernel/errors.ts";
import type { Place } from "../git/place.ts";
import { lastOf, readSettings, userSettings } from "./config.ts";
import { findRepository } from "./repository.ts";
import { join } from "node:path";

/** Finds the repository that a path belongs to, without git; null outside of any. Throws `state.repository.unsafe` or `.unsupported`. */
export async function findPlace(path: string, env: ReadonlyMap<string, string>): Promise<Place | null> {
  try {
    const { commonDir: gitDir, workTree } = await findRepository(path, env);
    return { repository: null, gitDir, workTree };
  } catch (cause) {
    if (cause instanceof ToolError && cause.code === "state.repository.missing") return null;
    throw cause;
  }
}

/** Reads one setting of a repository, or of the user where `gitDir` is null; undefined where it is not set. */
export async function settingOf(
  env: ReadonlyMap<string, string>,
  gitDir: string | null,
  name: string,
): Promise<string | undefined> {
  const own = gitDir === null ? [] : await readSettings(join(gitDir, "config"));
  const value = lastOf([...(await userSettings(env)), ...own], name.toLowerCase());
  return value === "" ? undefined : value;
}
