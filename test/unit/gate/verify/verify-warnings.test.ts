import { beforeEach, describe, expect, test } from "vitest";
import type { Oid } from "../../../../src/kernel/oid.ts";
import { createMemoryGitStore } from "../../../../src/platform/memory/git-store.ts";
import type { Surroundings } from "../../../../src/ports/surroundings.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import type { VerifyCheck } from "../../../../src/state/verify/check.ts";
import { crowded } from "../../../../src/state/verify/crowded.ts";
import { appDocument, commitFiles, eventDocument, eventPath, printed } from "../../../support/facts.ts";
import { oidOf } from "../../../support/github-forge.ts";
import { memoryFolder } from "../../../support/memory-folder.ts";
import { type HonestWorld, honestHistory } from "../../../support/honest-history.ts";

let world: HonestWorld;

beforeEach(async () => {
  world = await honestHistory();
});

const nothing: Surroundings = { namesakes: [], replaced: [], files: [] };
const OTHER = oidOf("9f3e2d1c00000000000000000000000000000000");

const told = ({ status, warnings }: Awaited<ReturnType<HonestWorld["verify"]>>) => [
  status,
  ...warnings.map(({ rule, branch, path }) => `${rule} ${branch} ${path}`),
];

describe("beside the branches", () => {
  test("what misleads people is a warning, and changes no answer", async () => {
    const around: Surroundings = {
      namesakes: [{ ref: `refs/tags/${DECISIONS}`, branch: DECISIONS, tip: OTHER }],
      replaced: [OTHER],
      files: [
        { kind: "attributes", path: "info/attributes" },
        { kind: "grafts", path: "info/grafts" },
        { kind: "alternates", path: "objects/info/alternates" },
      ],
    };
    expect(told(await world.verify({ lookAround: async () => around }))).toEqual([
      "verified",
      `ref.homonym ${DECISIONS} refs/tags/${DECISIONS}`,
      `ref.replaced null refs/replace/${OTHER}`,
      "attributes.present null info/attributes",
      "history.grafted null info/grafts",
      "objects.borrowed null objects/info/alternates",
    ]);
  });

  test("branches that are where ours is are ours; older ones, and tags wherever they are, are not", async () => {
    const tip = await world.tip();
    const places = ["heads", "remotes/origin", "tags"].map((place) => `refs/${place}/${STATE}`);
    const at = (to: Oid): Surroundings => ({
      ...nothing,
      namesakes: places.map((ref) => ({ ref, branch: STATE, tip: to })),
    });
    const refs = async (to: Oid) =>
      (await world.verify({ lookAround: async () => at(to) })).warnings.map(({ path }) => path);
    expect(await refs(tip)).toEqual([`refs/tags/${STATE}`]);
    expect(await refs(OTHER)).toEqual(places);
  });

  test("where nobody can look, it says so", async () => {
    const unlooked = ({ not_checked }: Awaited<ReturnType<HonestWorld["verify"]>>) =>
      not_checked.some(({ what }) => what === "ref.homonym");
    const withLook = await world.verify({ lookAround: async () => nothing });
    expect([unlooked(await world.verify()), unlooked(withLook)]).toEqual([true, false]);
    expect(withLook.checked.map(({ rule }) => rule)).toContain("ref.homonym");
  });
});

describe("a date on decisions that has not come yet", () => {
  test("is a warning in every run, because later merges are judged as of then", async () => {
    const said = async () => (await world.verify()).warnings.map(({ rule, data }) => [rule, data["at"]]);
    expect(await said()).toEqual([]);
    await commitFiles(world.store, { "README.md": "x" }, DECISIONS, "2099-01-01T00:00:00Z");
    expect(await said()).toEqual([["decision.ahead", "2099-01-01T00:00:00Z"]]);
    expect(await said()).toEqual([["decision.ahead", "2099-01-01T00:00:00Z"]]);
  });
});

describe("what was checked", () => {
  const rowsOf = ({ checked }: Awaited<ReturnType<HonestWorld["verify"]>>) =>
    new Map(checked.map(({ rule, counted, seen, span, broken }) => [rule, [seen, counted, span, broken].join(" ")]));

  test("is said of each rule: what it saw, from where, and how often it is broken", async () => {
    const first = await world.verify();
    const rows = rowsOf(first);
    expect(rows.get("history.not_linear")).toBe(`${first.facts?.commits} commits root 0`);
    expect(rows.get("decision.conforming")).toBe("2 decisions root 0");
    expect(rows.get("evidence.false")).toBe("1 evidence root 0");
    expect([...rows.keys()].filter((rule) => rule.startsWith("snapshot.") || rule === "ref.homonym")).toEqual([]);

    await commitFiles(world.store, { "notes.txt": "by hand" });
    const later = await world.verify();
    expect(rowsOf(later).get("path.unknown")).toBe("1 files remembered 1");
    expect(later.not_checked).toMatchObject([
      { what: "history.remembered", count: first.facts?.commits },
      {},
      {},
      {},
      {},
    ]);
    expect(rowsOf(await world.verify({ full: true })).get("path.unknown")).toMatch(/^\d+ files root 1$/);
  });

  test("does not say that it is from the root where history is cut", async () => {
    const tip = await world.tip();
    const [parent] = (await world.store.commit(tip)).parents;
    world.repository.objects.delete(parent!);
    const store = createMemoryGitStore({ clock: world.ground.clock, repository: world.repository });
    const result = await world.verify({ full: true, ground: { store } });
    expect([result.status, rowsOf(result).get("path.unknown")]).toEqual(["incomplete", "0 files cut 0"]);
    // A decision has seen what is behind the cut, which is missing and not false.
    expect(rowsOf(result).get("decision.seen_false")).toBe("2 decisions root 0");
  });

  test("on a machine that sees the branches for the first time, it says that they may have been further on", async () => {
    const firstSeen = ({ not_checked }: Awaited<ReturnType<HonestWorld["verify"]>>) =>
      not_checked.some(({ what }) => what === "tips.first_seen");
    const fresh = { cache: memoryFolder() };
    expect([
      firstSeen(await world.verify({ ground: fresh })),
      firstSeen(await world.verify({ ground: fresh })),
    ]).toEqual([true, false]);
  });

  test("a violation says what its commit claims, and what readers do", async () => {
    const commit = await commitFiles(world.store, { "notes.txt": "by hand" });
    const [violation] = (await world.verify()).violations;
    const { author, committer } = await world.store.commit(commit);
    const pushed_by = { author, committer, pusher: null };
    expect(violation).toMatchObject({ commit, pushed_by, readers: "Readers leave it out." });
  });
});

describe("a folder of thousands of entries", () => {
  const files = (from: number, count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [
        `dist/apps/app${from + i}/app.json`,
        printed(appDocument(`app${from + i}`)),
      ]),
    );
  const event = (id: string) => {
    const document = { ...eventDocument(id, "2026-01-05T10:30:00Z"), tenant_id: "tenant", repo_id: "repo" };
    return { [eventPath(document)]: printed(document) };
  };
  const checks: readonly VerifyCheck[] = [crowded];
  const warned = async (how: { readonly full?: boolean } = {}) =>
    (await world.verify({ ...how, checks })).warnings.map(({ rule, path, data }) => [rule, path, data["entries"]]);

  test("is named, again where it is remembered, and once", async () => {
    await commitFiles(world.store, { ...event("aud_a"), ...files(0, 2998) });
    expect(await warned()).toEqual([]);
    await commitFiles(world.store, { ...event("aud_b"), ...files(2998, 1) });
    for (const full of [false, false, true])
      expect(await warned({ full })).toEqual([["tree.crowded", "dist/apps", 3000]]);
    await commitFiles(world.store, { ...event("aud_c"), ...files(2999, 1) });
    for (const _ of [1, 2]) expect(await warned()).toEqual([["tree.crowded", "dist/apps", 3001]]);
  });
});
