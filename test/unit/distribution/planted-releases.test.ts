import { beforeEach, describe, expect, test } from "vitest";
import { reusedIds } from "../../../src/distribution/reused-ids.ts";
import { findRelease } from "../../../src/distribution/find-release.ts";
import { verifyRules } from "../../../cli/verify-rules.ts";
import { isRefused } from "../../../src/kernel/errors.ts";
import type { Oid } from "../../../src/kernel/oid.ts";
import { STATE } from "../../../src/state/branches.ts";
import { openState } from "../../../src/state/transact.ts";
import { noFindings } from "../../../src/state/verify/findings.ts";
import { walkState } from "../../../src/state/verify/walk.ts";
import {
  appWrite,
  readingWorld,
  type ReadingWorld,
  recordWrite,
  releaseOf,
  releaseWrite,
} from "../../support/reading-world.ts";
import { runCli, runJson } from "../../support/run-cli.ts";

const real = releaseOf("2.0.0", { build: "7" });
/** Sorts before the real one in every list of paths, and lies under another app too. */
const planted = releaseOf("1.0.0", { id: real.id }, [{ id: real.artifacts[0]!.id, sha256: "e".repeat(64) }]);
const foreign = releaseOf("9.9.9", { id: real.id, app_id: "acme-other" });

let world: ReadingWorld;
let before: Oid;

/** What the check alone says of facts after a commit; null begins at the root. */
async function reused(after: Oid | null): Promise<readonly string[]> {
  const found = noFindings(verifyRules);
  const tip = (await world.ground.store.head(STATE))!;
  await walkState(world.ground, [reusedIds], { after, tip }, found.report, () => undefined);
  return found.violations.map(({ rule, message }) => `${rule} ${message}`);
}

beforeEach(async () => {
  world = await readingWorld();
  await world.write([appWrite("acme-notes"), appWrite("acme-other"), releaseWrite(real)]);
  await world.write([
    recordWrite(real.artifacts[0]!, { kind: "apk" }),
    recordWrite(planted.artifacts[0]!, { kind: "apk" }),
  ]);
  await world.merge(await world.propose("stable", real));
  before = (await world.ground.store.head(STATE))!;
  await world.write([releaseWrite(planted), releaseWrite(foreign)]);
});

const message = (path: string) =>
  `release.id_reused ${path} takes the id ${real.id} of dist/apps/acme-notes/releases/2.0/2.0.0+7.json`;

describe("a release with the id of another one", () => {
  const both = [
    message("dist/apps/acme-notes/releases/1.0/1.0.0.json"),
    message("dist/apps/acme-other/releases/9.9/9.9.9.json"),
  ];

  test("is named with both paths, from the root", async () => {
    expect(await reused(null)).toEqual(both);
  });

  test("is named by a walk that goes on from one that knew only the first", async () => {
    expect(await reused(before)).toEqual(both);
  });

  test("hides no other in lists, and they say so", async () => {
    const run = await runJson(["dist", "release", "list", "--app", "acme-notes"], { world });
    expect(run).toMatchObject({
      result: {
        releases: [
          { version: "2.0.0", on: ["stable"] },
          { version: "1.0.0", on: [] },
        ],
      },
      warnings: [{ code: "release.id_reused", data: { id: real.id } }],
    });
  });

  test("does not come between a channel and what was approved", async () => {
    const run = await runJson(["dist", "channel", "list", "--app", "acme-notes"], { world });
    expect(run).toMatchObject({ result: { channels: [{ name: "stable", version: "2.0.0", problem: null }] } });
  });

  test("is not shown for the one that a channel was pointed at", async () => {
    const shown = await runJson(["dist", "release", "show", "acme-notes@2.0.0+7"], { world });
    expect(shown).toMatchObject({
      result: { release: { version: "2.0.0" }, on: [{ channel: "stable" }] },
      warnings: [{ code: "release.id_reused" }],
    });
    const other = await runJson(["dist", "release", "show", "acme-notes@1.0.0"], { world });
    expect(other).toMatchObject({ error: { code: "release.digest_mismatch" } });
  });

  test("leaves nobody to guess which one the id means", async () => {
    const shown = await runCli(["dist", "release", "show", real.id], { world });
    expect(shown.exit).toBe(1);
    expect(shown.stderr).toContain("acme-notes@2.0.0+7 and acme-notes@1.0.0 and acme-other@9.9.9 have the same id");
    const found = await findRelease(await openState(world.ground), real.id, undefined);
    expect(isRefused(found) && found.refused[0]).toMatchObject({ code: "release.id_reused" });
    const artifact = await runJson(["dist", "artifact", "show", real.artifacts[0]!.id], { world });
    expect(artifact).toMatchObject({ error: { code: "release.id_reused" } });
  });

  test("shows each its own artifacts", async () => {
    const run = await runJson(["dist", "artifact", "list", "--app", "acme-notes", "--release", "2.0.0+7"], { world });
    expect(run).toMatchObject({
      result: { artifacts: [{ version: "2.0.0", sha256: real.artifacts[0]!.sha256 }] },
    });
  });
});
