import { beforeEach, describe, expect, test } from "vitest";
import { isRefused, reason, refuse } from "../../../src/kernel/errors.ts";
import { createMemoryGitStore, createMemoryRepository } from "../../../src/platform/memory/git-store.ts";
import type { GitStore } from "../../../src/ports/git-store.ts";
import { STATE } from "../../../src/state/branches.ts";
import type { Plan, Write } from "../../../src/state/plan.ts";
import { openState, transact } from "../../../src/state/transact.ts";
import type { View } from "../../../src/state/view.ts";
import {
  appDocument,
  commitFiles,
  pointerDocument,
  printed,
  releaseDocument,
  schemas,
  scope,
  testKinds,
} from "../../support/facts.ts";
import { testAct } from "../../support/git-repo.ts";
import { memoryFolder } from "../../support/memory-folder.ts";
import { clockAt, type TestClock } from "../../support/world.ts";

let repository: ReturnType<typeof createMemoryRepository>;
let store: GitStore;
let clock: TestClock;
let beforeSwap: () => Promise<void>;

const app = (owner: string): Write => ({
  name: "app.v1",
  key: { slug: "notes" },
  document: appDocument("notes", owner),
});
const event = { action: "app.updated", target: ["app", "notes"], metadata: {} } as const;
const planOf = (...writes: readonly Write[]): Plan<string> => ({ writes, events: [event], result: "done" });

beforeEach(async () => {
  repository = createMemoryRepository();
  clock = clockAt("2026-01-02T00:00:00Z");
  beforeSwap = async () => undefined;
  store = createMemoryGitStore({ repository, clock, random: () => 0, beforeSwap: () => beforeSwap() });
  await commitFiles(store, { "state.json": printed(scope) });
});

const ground = (secrets: readonly string[] = []) => ({
  store,
  kinds: testKinds,
  schemas,
  clock,
  secrets,
  cache: memoryFolder(),
});

const ownerOf = async (view: View) => (await view.find("app.v1", { slug: "notes" }))?.owner;

function run<S>(name: string, read: (view: View) => Promise<S>, plan: (seen: S) => ReturnType<typeof planOf>) {
  return transact(ground(), testAct(name, "2026-01-02T00:00:00Z"), read, plan);
}

/** Another process, on the same repository. */
const another = () => createMemoryGitStore({ repository, clock, random: () => 0 });

describe("an operation", () => {
  test("is one commit of its documents and its event, and says who did it", async () => {
    const done = await run("one", ownerOf, () => planOf(app("Ada")));
    if (isRefused(done) || done.commit === null) throw new Error("nothing was written");
    const commit = await store.commit(done.commit);
    expect(commit).toMatchObject({ subject: "app.updated notes", parents: [expect.any(String)] });
    expect(Object.fromEntries(commit.trailers)).toMatchObject({ "Waybill-Seq": "2", "Waybill-Operation": "op_one" });
    const paths: string[] = [];
    for await (const { path } of store.diff(commit.parents[0]!, done.commit)) paths.push(path);
    expect(paths).toEqual([
      expect.stringMatching(/^audit\/2026\/01\/02\/00\/00\/aud_\w+\.json$/),
      "dist/apps/notes/app.json",
    ]);
    expect(await ownerOf(await openState(ground()))).toBe("Ada");
  });

  test("that changes nothing commits nothing", async () => {
    expect(await transact(ground(), testAct("none"), ownerOf, () => ({ writes: [], events: [], result: 1 }))).toEqual({
      commit: null,
      result: 1,
    });
  });

  test("that is refused writes nothing", async () => {
    const before = await store.head(STATE);
    const no = refuse(reason("app.exists", "notes exists"));
    expect(await transact(ground(), testAct("no"), ownerOf, () => no)).toBe(no);
    expect(await store.head(STATE)).toBe(before);
  });

  test("is the same operation when it is run twice", async () => {
    await run("same", ownerOf, () => planOf(app("Ada")));
    const tip = await store.head(STATE);
    const again = await run(
      "same",
      async () => null,
      () => planOf(app("Ada")),
    );
    expect(again).toEqual({ commit: null, result: "done" });
    expect(await store.head(STATE)).toBe(tip);
  });
});

describe("when the branch moves", () => {
  test("and what was read still holds, the plan is kept and only the trees are made again", async () => {
    let plans = 0;
    beforeSwap = async () => {
      beforeSwap = async () => undefined;
      await commitFiles(another(), { "dist/apps/other/app.json": printed(appDocument("other")) });
    };
    await run("kept", ownerOf, () => {
      plans += 1;
      return planOf(app("Ada"));
    });
    expect(plans).toBe(1);
    const view = await openState(ground());
    expect([await ownerOf(view), (await view.find("app.v1", { slug: "other" }))?.owner]).toEqual(["Ada", "Ada"]);
  });

  test("and what was read has changed, it is planned again from what is there now", async () => {
    const seen: (string | undefined)[] = [];
    beforeSwap = async () => {
      beforeSwap = async () => undefined;
      await commitFiles(another(), { "dist/apps/notes/app.json": printed(appDocument("notes", "Eve")) });
    };
    await run("again", ownerOf, (owner) => {
      seen.push(owner);
      return planOf(app(`${owner ?? "nobody"} and Ada`));
    });
    expect(seen).toEqual([undefined, "Eve"]);
    expect(await ownerOf(await openState(ground()))).toBe("Eve and Ada");
  });

  test("without an end, it gives up at the deadline and not after a count of tries", async () => {
    let moves = 0;
    beforeSwap = async () => {
      moves += 1;
      clock.advance(1000);
      await commitFiles(another(), { "dist/apps/notes/app.json": printed(appDocument("notes", `Eve ${moves}`)) });
    };
    await expect(run("never", ownerOf, () => planOf(app("Ada")))).rejects.toMatchObject({
      code: "state.push.conflict",
    });
    expect(moves).toBeGreaterThan(50);
  });
});

describe("the writer refuses", () => {
  const codes = new Map<string, [code: string, () => Plan<null>]>([
    [
      "a change without an event",
      ["state.writer.no_event", () => ({ writes: [app("Ada")], events: [], result: null })],
    ],
    ["a secret", ["state.writer.secret", () => ({ ...planOf(app(`Ada dist_${"0a".repeat(32)}`)), result: null })]],
    ["a secret of this process", ["state.writer.secret", () => ({ ...planOf(app("open sesame now")), result: null })]],
    ["a document that is none", ["schema.invalid", () => ({ ...planOf(app("two\nlines")), result: null })]],
    [
      "a document of another repository",
      [
        "scope.foreign",
        () => ({
          ...planOf({
            name: "channel-pointer.v1",
            key: { app: "notes", channel: "beta" },
            document: { ...pointerDocument("notes", "beta", "rel_1"), repo_id: "repo_other" },
          }),
          result: null,
        }),
      ],
    ],
    [
      "a change of what is frozen",
      [
        "state.writer.exists",
        () => ({
          ...planOf({
            name: "release.v1",
            key: { app: "notes", version: "1.0.0" },
            document: releaseDocument("notes", "1.0.0", { notes: "other" }),
          }),
          result: null,
        }),
      ],
    ],
    [
      "to remove what is frozen",
      [
        "state.writer.exists",
        () => ({
          ...planOf({ name: "release.v1", key: { app: "notes", version: "1.0.0" }, document: null }),
          result: null,
        }),
      ],
    ],
  ]);

  test.each([...codes])("%s", async (_, [code, plan]) => {
    await commitFiles(store, { "dist/apps/notes/releases/1.0.0.json": printed(releaseDocument("notes", "1.0.0")) });
    const before = await store.head(STATE);
    const work = transact(ground(["open sesame now"]), testAct("refused"), async () => null, plan);
    await expect(work).rejects.toMatchObject({ code });
    expect(await store.head(STATE)).toBe(before);
  });
});

test("an event that follows from a decision is recorded once, whoever derives it", async () => {
  const derived = { ...event, derived: { id: "aud_derived", at: "2026-01-01T12:00:00Z" } };
  const plan = () => ({ writes: [], events: [derived], result: null });
  await transact(ground(), testAct("first"), async () => null, plan);
  const tip = await store.head(STATE);
  expect(await transact(ground(), testAct("second"), async () => null, plan)).toMatchObject({ commit: null });
  expect(await store.head(STATE)).toBe(tip);
});

test("without a branch of facts the error says how to begin", async () => {
  const empty = { ...ground(), store: createMemoryGitStore() };
  await expect(openState(empty)).rejects.toMatchObject({ code: "state.branch.missing" });
});
