import { verifyRules } from "../../cli/verify-rules.ts";
import { artifactBytes, recordedRows } from "../../src/distribution/checks.ts";
import { falseTombstones } from "../../src/distribution/false-tombstones.ts";
import { reusedIds } from "../../src/distribution/reused-ids.ts";
import { verifyRepository } from "../../src/gate/verify/verify-repository.ts";
import { stateChecks } from "../../src/state/checks.ts";
import { memoryFolder } from "./memory-folder.ts";
import type { TestWorld } from "./world.ts";

/** What `state verify --full --artifacts` finds wrong with a world, as `rule message`; by a reader with a memory of its own. */
export async function verifyWorld(world: TestWorld): Promise<readonly string[]> {
  const result = await verifyRepository(
    { ...world.ground, cache: memoryFolder() },
    {
      version: "test",
      rules: verifyRules,
      checks: [...stateChecks, recordedRows, reusedIds],
      ending: (walked) => [
        artifactBytes(world.artifacts, { records: 0, read: 0 }, walked?.decisions ?? null),
        falseTombstones(walked),
      ],
      full: true,
      progress: () => undefined,
    },
  );
  const missing = result.missing.map(({ branch }) => `missing ${branch}`);
  return [...missing, ...result.violations.map(({ rule, message }) => `${rule} ${message}`)];
}
