import { beforeEach, describe, expect, test } from "vitest";
import { reason } from "../../../../src/kernel/errors.ts";
import { appDocument, releaseDocument } from "../../../support/facts.ts";
import { testChannel } from "../../../support/gate-world.ts";
import { decide } from "../../../support/gate-steps.ts";
import { type HonestWorld, honestHistory } from "../../../support/honest-history.ts";

let world: HonestWorld;

beforeEach(async () => {
  world = await honestHistory();
});

/** Verifies with a kind that says of every decision that it looks at which one that was, and that it lies. */
async function lookedAt(full = false): Promise<{ readonly versions: readonly string[]; readonly remembered: number }> {
  const versions: string[] = [];
  const kinds = world.ground.decisionKinds.map((kind) =>
    kind.kind === "channel"
      ? {
          ...testChannel,
          agrees: async (_: unknown, pointer: { readonly version: string }) => {
            versions.push(pointer.version);
            return [reason("release.digest_mismatch", "the release has other bytes")];
          },
        }
      : kind,
  );
  const result = await world.verify({ full, ground: { decisionKinds: kinds } });
  expect(result.violations.map(({ rule }) => rule)).toEqual(versions.map(() => "decision.seen_false"));
  return { versions, remembered: result.decisions?.remembered ?? -1 };
}

describe("decisions after a remembered walk", () => {
  test("are held against the facts, and those before it are not again", async () => {
    const first = await world.verify();
    expect(first).toMatchObject({ status: "verified", decisions: { remembered: 0 } });
    await world.write({ name: "app.v1", key: { slug: "more" }, document: appDocument("more") });
    await world.write({
      name: "release.v1",
      key: { app: "notes", version: "2.0.0" },
      document: releaseDocument("notes", "2.0.0"),
    });
    await decide(world, "2.0.0");
    const { commits } = first.decisions!;
    // What is found is not remembered, so that it is found again.
    for (const _ of [1, 2]) expect(await lookedAt()).toEqual({ versions: ["2.0.0"], remembered: commits });
    expect(await lookedAt(true)).toEqual({ versions: ["1.0.0", "2.0.0"], remembered: 0 });
    expect(await world.verify()).toMatchObject({ status: "verified", decisions: { commits: commits + 1 } });
    expect(await lookedAt()).toEqual({ versions: [], remembered: commits + 1 });
  });
});
