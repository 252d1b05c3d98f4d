import type { World } from "../../cli/world.ts";
import { sha256Hex } from "../../src/kernel/digest.ts";
import type { ReleaseV1 } from "../../src/schema/types.gen.ts";
import { makeRetentionWorld, type RetentionWorld } from "./retention-world.ts";
import { runJson } from "./run-cli.ts";

/** A file of a release. */
export const file = (content: string) => ({ platform: "generic", filename: `${content}.zip`, content }) as const;

const BROKEN = new TextEncoder().encode("{}\n");

/** A world that keeps one release on internal, with releases 1 to n placed there; all of them share a file with release 1. */
export async function worldOf(
  n: number,
): Promise<{ readonly world: RetentionWorld; readonly releases: readonly ReleaseV1[] }> {
  const world = await makeRetentionWorld((policy) => ({
    defaults: {
      ...policy.defaults,
      policy: "off",
      retention_keep: 1,
      channels: { internal: { mode: "auto", policy: "off", retention_keep: 1 } },
    },
  }));
  const releases: ReleaseV1[] = [];
  for (let i = 1; i <= n; i += 1) {
    releases.push(
      await world.publish({ version: `${i}.0.0`, files: [file(`own ${i}`), file("shared")], on: ["internal"] }),
    );
  }
  return { world, releases };
}

/** Runs `dist store cleanup`. */
export function cleanup(world: Partial<World>, ...argv: readonly string[]) {
  return runJson(["dist", "store", "cleanup", ...argv], { world });
}

/** Tells whether the store has bytes. */
export async function isStored(world: RetentionWorld, content: string): Promise<boolean> {
  const location = { driver: "file", release_id: "", asset_id: null, asset_name: "a", url: null } as const;
  return (await world.artifacts.stat(sha256Hex(content), location)) !== null;
}

/** Which of some contents the store has. */
export async function storedOf(world: RetentionWorld, ...contents: readonly string[]): Promise<readonly string[]> {
  const held = await Promise.all(contents.map((content) => isStored(world, content)));
  return contents.filter((_, i) => held[i]);
}

/** Puts a file on a branch as anyone who may push could. */
export async function put(
  world: RetentionWorld,
  branch: string,
  path: string,
  bytes: Uint8Array = BROKEN,
): Promise<void> {
  const change = {
    act: world.acts.begin({ kind: "human", name: "mallory", id: "m", verified: false }, "push"),
    reads: new Map(),
    writes: new Map([[path, bytes]]),
    message: "push",
  };
  await world.store.apply(branch, change, new Date(world.clock.now().getTime() + 60_000));
}
