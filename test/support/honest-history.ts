import { orThrow } from "../../src/kernel/errors.ts";
import type { Oid } from "../../src/kernel/oid.ts";
import { approveProposal } from "../../src/gate/review/approve.ts";
import { mergeProposal } from "../../src/gate/review/merge.ts";
import type { GateGround } from "../../src/gate/ground.ts";
import { verifyRepository } from "../../src/gate/verify/verify-repository.ts";
import type { StateVerifyResultV1 } from "../../src/schema/types.gen.ts";
import { verifyRules } from "../../cli/verify-rules.ts";
import { stateChecks } from "../../src/state/checks.ts";
import type { LookAround } from "../../src/ports/surroundings.ts";
import type { Write } from "../../src/state/plan.ts";
import { tipOf, transact } from "../../src/state/transact.ts";
import type { VerifyCheck } from "../../src/state/verify/check.ts";
import { appDocument, eventDocument, eventPath, printed, releaseDocument, testKinds } from "./facts.ts";
import { type GateWorld, keysWith, makeGateWorld } from "./gate-world.ts";

/** A repository with facts and a merged decision, all written by the tool. */
export interface HonestWorld extends GateWorld {
  /** Paths that tests break. */
  readonly paths: { readonly release: string; readonly event: string };
  verify(options?: VerifyOptions): Promise<Omit<StateVerifyResultV1, "artifacts">>;
  /** Writes documents as an operation, with an event. */
  write(...writes: readonly Write[]): Promise<Oid>;
  tip(): Promise<Oid>;
}

/** How a test verifies. */
export interface VerifyOptions {
  readonly full?: boolean;
  readonly ground?: Partial<GateGround>;
  readonly checks?: readonly VerifyCheck[];
  readonly ending?: readonly VerifyCheck[];
  readonly lookAround?: LookAround;
}

/** Makes an app, a draft that is published, and a promotion that was approved and merged. */
export async function honestHistory(): Promise<HonestWorld> {
  const world = await makeGateWorld();
  const ground: GateGround = {
    ...world.ground,
    kinds: [...world.ground.kinds, ...testKinds.filter(({ name }) => /^(?:app|release)\./.test(name))],
  };
  const write = async (...writes: readonly Write[]) => {
    const event = { action: "app.updated", target: ["app", "notes"], metadata: {} } as const;
    const done = orThrow(
      await transact(
        ground,
        world.act(),
        async () => null,
        () => ({ writes, events: [event], result: null }),
      ),
    );
    if (done.commit === null) throw new Error("Nothing was written");
    return done.commit;
  };
  const key = { app: "notes", version: "1.0.0" };
  await write({ name: "app.v1", key: { slug: "notes" }, document: appDocument("notes") });
  await write({ name: "release.v1", key, document: releaseDocument("notes", "1.0.0", { status: "draft" }) });
  await write({ name: "release.v1", key, document: releaseDocument("notes", "1.0.0") });
  const { proposal } = await world.promote("1.0.0");
  orThrow(
    await approveProposal(ground, world.act(), proposal.id, {
      keys: keysWith(world.keys["alice"] ?? null),
      keyFile: null,
    }),
  );
  orThrow(await mergeProposal(ground, world.act(), proposal.id));
  const tip = () => tipOf(world.store);
  const event = await firstEvent(world, await tip());
  return {
    ...world,
    ground,
    paths: { release: "dist/apps/notes/releases/1.0.0.json", event },
    write,
    tip,
    verify: ({ full = false, ground: other, checks = stateChecks, ending = [], ...more } = {}) =>
      verifyRepository(
        { ...ground, ...other },
        {
          version: "test",
          rules: verifyRules,
          checks,
          ending: () => ending,
          full,
          progress: () => undefined,
          ...more,
        },
      ),
  };
}

async function firstEvent({ store }: GateWorld, tip: Oid): Promise<string> {
  for await (const { path } of store.diff(null, tip)) if (path.startsWith("audit/")) return path;
  throw new Error("no event");
}

/** Rules that a verify found broken, in order. */
export function rulesOf({ violations }: Pick<StateVerifyResultV1, "violations">): readonly string[] {
  return violations.map(({ rule }) => rule);
}

/** An event of this repository, to go with a change. */
export function eventFiles(id: string): Readonly<Record<string, Uint8Array>> {
  const document = { ...eventDocument(id, "2026-01-05T10:30:00Z"), tenant_id: "tenant", repo_id: "repo" };
  return { [eventPath(document)]: printed(document) };
}
