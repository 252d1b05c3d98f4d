import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Oid } from "../../../../src/kernel/oid.ts";
import type { GitStore } from "../../../../src/ports/git-store.ts";
import { describeHostileTrees } from "../../../contract/git-store-hostile.ts";
import { git } from "../../../support/git-repo.ts";
import { makeNative } from "../../../support/native-under-test.ts";
import { readingAhead } from "../../../support/read-ahead-store.ts";
import { BRANCH, bytes, changeOf, collect, commitOf, oidLike, soon } from "../../../support/store-under-test.ts";

type Under = Awaited<ReturnType<typeof makeNative>>;

const make = () => makeNative({ algorithm: "sha1", open: async (_folder, truth) => ({ location: truth }) });

/** All that a walk from the oldest commit reads: each commit, what it changes, and what the changed files hold. */
async function walk(store: GitStore, commits: readonly Oid[]): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  let before: Oid | null = null;
  for (const oid of commits) {
    try {
      const commit = await store.commit(oid);
      const changes = await collect(store.diff(before, oid));
      const blobs = (await collect(store.blobs(changes.flatMap(({ after }) => after ?? [])))).flat();
      const digests = blobs.map((blob) => createHash("sha256").update(blob.bytes).digest("hex"));
      seen.push({ commit, changes, digests });
    } catch (error) {
      seen.push(error);
    }
    before = oid;
  }
  return seen;
}

describe("a history that is read ahead", () => {
  let under: Under;
  const commits: Oid[] = [];
  const commitAt = (i: number): Oid => {
    const found = commits.at(i);
    if (found === undefined) throw new Error(`There is no commit ${i}`);
    return found;
  };

  beforeAll(async () => {
    under = await make();
    for (let i = 0; i < 12; i += 1) {
      const files = { [`a/${i}.json`]: `${i}`, "b/c/pointer.json": `${i}`, "b/same.json": "same" };
      const more = i === 5 ? { "a/large.json": "x".repeat(900_000) } : {};
      commits.push(commitOf(await under.store.apply(BRANCH, changeOf(`c${i}`, { ...files, ...more }), soon())));
    }
    git(under.truth, ["repack", "-q", "-a", "-d"]);
  });

  afterAll(() => under.close());

  const along = async (from: Oid | null, to: Oid, work: (ahead: GitStore) => Promise<void>) => {
    const ahead = (await under.another()).along?.(from, to);
    if (ahead === undefined) throw new Error("it reads nothing ahead");
    await work(ahead);
    await ahead.close();
  };
  it("says what reading it piece by piece says, from the root or from a later commit", async () => {
    const expected = await walk(under.store, commits);
    await along(null, commitAt(-1), async (ahead) => expect(await walk(ahead, commits)).toEqual(expected));
    await along(commitAt(6), commitAt(-1), async (ahead) =>
      expect((await walk(ahead, commits.slice(6))).slice(1)).toEqual(expected.slice(7)),
    );
  });

  it("answers in any order, and of commits that are none of this history", async () => {
    const other = commitOf(await under.store.apply("waybill/other", changeOf("other", { "o.json": "1" }), soon()));
    await along(null, commitAt(-1), async (ahead) => {
      for (const oid of [commitAt(-1), other, ...commits.toReversed()])
        expect(await ahead.commit(oid)).toEqual(await under.store.commit(oid));
    });
  });

  it("goes on without git's help where git stops, and names what is not here", async () => {
    await along(null, oidLike(commitAt(0), "7"), async (ahead) => {
      expect(await walk(ahead, commits)).toEqual(await walk(under.store, commits));
    });
  });

  it("hands over nothing that has not its id, and says which object is damaged", async () => {
    const own = await make();
    const blob = await own.put("blob", bytes("{}\n"));
    const made: Oid[] = [];
    for (let i = 0; i < 4; i += 1)
      made.push(
        commitOf(
          await own.store.apply(BRANCH, changeOf(`d${i}`, { [`${i}.json`]: i === 2 ? "{}\n" : `${i}` }), soon()),
        ),
      );
    await own.damage(blob);
    const store = await own.another();
    const expected = await walk(await own.another(), made);
    expect(expected[2]).toMatchObject({ code: "state.object.corrupt" });
    const ahead = store.along?.(null, made.at(-1) ?? blob) ?? store;
    expect(await walk(ahead, made)).toEqual(expected);
    await ahead.close();
    await store.close();
    await own.close();
  });
});

describe("trees that are read ahead", () => {
  let under: Under;
  beforeEach(async () => {
    const made = await make();
    under = { ...made, store: readingAhead(made.store), another: async () => readingAhead(await made.another()) };
  });
  afterEach(() => under.close());
  describeHostileTrees(() => under, []);
});
