import { beforeEach, describe, expect, test } from "vitest";
import { reason, ToolError } from "../../../../src/kernel/errors.ts";
import { createMemoryGitStore, createMemoryRepository } from "../../../../src/platform/memory/git-store.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import {
  appDocument,
  commitFiles,
  eventDocument,
  eventPath,
  printed,
  releaseDocument,
  scope,
} from "../../../support/facts.ts";
import { testChannel } from "../../../support/gate-world.ts";
import { eventFiles, type HonestWorld, honestHistory, rulesOf } from "../../../support/honest-history.ts";

let world: HonestWorld;

beforeEach(async () => {
  world = await honestHistory();
});

test("a history that only the tool wrote is verified, from the root, both branches", async () => {
  const result = await world.verify();
  expect(result).toMatchObject({
    status: "verified",
    violations: [],
    missing: [],
    pending: [],
    facts: { tip: await world.tip(), remembered: 0 },
    decisions: { commits: 2 },
  });
  expect(result.facts?.commits).toBeGreaterThan(4);
});

describe("a change by hand is named with its commit and path", () => {
  const notes = () => printed(releaseDocument("notes", "1.0.0", { notes: "other words" }));

  const breaks = new Map<string, () => [rule: string, path: string | null, files: Parameters<typeof commitFiles>[1]]>([
    [
      "a published release",
      () => ["release.frozen", world.paths.release, { [world.paths.release]: notes(), ...eventFiles("aud_x") }],
    ],
    [
      "a published release that is removed",
      () => ["release.frozen", world.paths.release, { [world.paths.release]: null, ...eventFiles("aud_x") }],
    ],
    [
      "an audit event",
      () => ["audit.append_only", world.paths.event, { [world.paths.event]: "{}\n", ...eventFiles("aud_x") }],
    ],
    [
      "an audit event that is removed",
      () => ["audit.append_only", world.paths.event, { [world.paths.event]: null, ...eventFiles("aud_x") }],
    ],
    [
      "a change without an event",
      () => ["audit.missing", null, { "dist/apps/notes/app.json": printed(appDocument("notes", "Eve")) }],
    ],
    [
      "another order of keys",
      () => [
        "document.canonical",
        "dist/apps/x/app.json",
        { "dist/apps/x/app.json": '{"b":1,"a":2}\n', ...eventFiles("aud_x") },
      ],
    ],
    [
      "a document at the path of another",
      () => [
        "document.canonical",
        "dist/apps/x/app.json",
        { "dist/apps/x/app.json": printed(appDocument("y")), ...eventFiles("aud_x") },
      ],
    ],
    [
      "an event of another repository",
      () => {
        const foreign = eventDocument("aud_y");
        return [
          "scope.foreign",
          eventPath(foreign),
          { [eventPath(foreign)]: printed(foreign), ...eventFiles("aud_x") },
        ];
      },
    ],
    [
      "a file that no kind knows",
      () => ["path.unknown", "notes.txt", { "notes.txt": "hello", ...eventFiles("aud_x") }],
    ],
  ]);

  test.each([...breaks.keys()])("%s", async (name) => {
    const [rule, path, files] = breaks.get(name)!();
    const commit = await commitFiles(world.store, files);
    const after = await world.write({ name: "app.v1", key: { slug: "later" }, document: appDocument("later") });
    const result = await world.verify();
    expect(result.status).toBe("violated");
    const found = result.violations.filter((violation) => violation.rule === rule);
    expect(found[0]).toMatchObject({ branch: STATE, commit, path });
    expect(found[0]?.next).not.toBe("");
    expect(result.violations.every((violation) => violation.commit !== after)).toBe(true);
  });

  test("the edited value is named by its pointer", async () => {
    await commitFiles(world.store, { [world.paths.release]: notes(), ...eventFiles("aud_x") });
    const [violation] = (await world.verify()).violations;
    expect(violation?.message).toMatch(/1\.0\.0\.json#\/notes changed on 2026-01-05/);
    expect(violation?.data).toMatchObject({ pointer: "/notes" });
    expect((await world.verify()).violations.map(({ readers }) => readers).join()).not.toContain("`");
  });

  test("state.json that is removed", async () => {
    const commit = await commitFiles(world.store, { "state.json": null, ...eventFiles("aud_x") });
    expect((await world.verify()).violations).toMatchObject([
      { rule: "state.append_only", commit, path: "state.json" },
    ]);
  });

  test("a draft may change until it is published, and every violation is reported", async () => {
    const key = { app: "notes", version: "2.0.0" };
    const draft = (text: string) => releaseDocument("notes", "2.0.0", { status: "draft", notes: text });
    await world.write({ name: "release.v1", key, document: draft("one") });
    await world.write({ name: "release.v1", key, document: draft("two") });
    expect((await world.verify()).status).toBe("verified");
    await commitFiles(world.store, { "a.txt": "a" });
    await commitFiles(world.store, { "b.txt": "b" });
    const result = await world.verify();
    expect(rulesOf(result)).toEqual(["path.unknown", "audit.missing", "path.unknown", "audit.missing"]);
    expect(result).toMatchObject({ violation_count: 4, commits_violated: 2 });
  });
});

test("a merge commit among facts is not linear", async () => {
  const parents = [await world.tip(), (await world.store.head(DECISIONS))!];
  const change = {
    act: world.act(),
    reads: new Map(),
    writes: new Map(Object.entries(eventFiles("aud_x"))),
    message: "Merge",
    merge: parents[1]!,
  };
  await world.store.apply(STATE, change, new Date("2100-01-01T00:00:00Z"));
  expect(rulesOf(await world.verify())).toEqual(["history.not_linear"]);
});

describe("decisions", () => {
  test("a pointer or policy that was pushed without a proposal does not conform", async () => {
    const policy = (await world.store.read((await world.store.head(DECISIONS))!, ["policy.json"]))[0];
    const text = policy && "bytes" in policy ? Buffer.from(policy.bytes).toString() : "";
    const pushed = await commitFiles(
      world.store,
      { "policy.json": text.replace('"reason": "', '"reason": "not ') },
      DECISIONS,
    );
    const moved = await commitFiles(world.store, { "channels/notes/stable.json": "{}\n" }, DECISIONS);
    const result = await world.verify();
    expect(result.violations).toMatchObject([
      {
        rule: "decision.conforming",
        branch: DECISIONS,
        commit: pushed,
        path: "policy.json",
        data: { condition: "shape" },
      },
      { rule: "decision.conforming", commit: moved, path: "channels/notes/stable.json", data: { condition: "shape" } },
    ]);
    expect(result.violations[1]?.readers).toMatch(/Readers keep the decision of [0-9a-f]{7}/);
  });

  test("what a decision claims of facts is compared with the facts that it names", async () => {
    const lies = [reason("release.digest_mismatch", "the release has other bytes")];
    const kinds = world.ground.decisionKinds.map((kind) =>
      kind.kind === "channel" ? { ...testChannel, agrees: async () => lies } : kind,
    );
    const result = await world.verify({ ground: { decisionKinds: kinds } });
    expect(result.violations).toMatchObject([
      { rule: "decision.seen_false", branch: DECISIONS, path: "channels/notes/stable.json" },
    ]);
  });

  test("a decision that has seen what cannot be read is named, and decisions are in force all the same", async () => {
    const unread = new ToolError("state.document.invalid", "holds/stable.json is no document");
    const kinds = world.ground.decisionKinds.map((kind) =>
      kind.kind === "channel" ? { ...testChannel, agrees: () => Promise.reject(unread) } : kind,
    );
    const { violations, decisions } = await world.verify({ ground: { decisionKinds: kinds } });
    expect(violations).toMatchObject([{ rule: "decision.seen_false", path: "channels/notes/stable.json" }]);
    expect(decisions).not.toBeNull();
  });

  test("a decision names a commit that is on the facts", async () => {
    const other = createMemoryRepository();
    const root = await commitFiles(createMemoryGitStore({ repository: other }), { "state.json": printed(scope) });
    for (const [oid, object] of other.objects) world.repository.objects.set(oid, object);
    world.repository.branches.set(STATE, root);
    const result = await world.verify();
    expect(rulesOf(result)).toContain("decision.seen_false");
    expect(rulesOf(result)).toContain("state.ref.rewound");
  });

  test("evidence of a decision that was never made is false", async () => {
    const made = await loadDecisions(world.ground);
    const { proposalId } = made.merged[1]!;
    const [path] = await evidencePaths();
    const [found] = await world.store.read(await world.tip(), [path!]);
    const text = found && "bytes" in found ? Buffer.from(found.bytes).toString() : "";
    const forged = text.replaceAll(proposalId, "prop_zzzzzzzzzzzz");
    const commit = await commitFiles(world.store, {
      "decisions/zz/prop_zzzzzzzzzzzz.json": forged,
      ...eventFiles("aud_x"),
    });
    expect((await world.verify()).violations).toMatchObject([{ rule: "evidence.false", branch: STATE, commit }]);
  });

  test("another root than the pinned one is named", async () => {
    const result = await world.verify({ ground: { root: await world.tip() } });
    expect(rulesOf(result)).toContain("root.mismatch");
  });

  test("without the branch of decisions the answer is incomplete", async () => {
    world.repository.branches.delete(DECISIONS);
    const fresh = { ...world.ground.cache, read: async () => null };
    const result = await world.verify({ ground: { cache: fresh } });
    expect(result).toMatchObject({ status: "incomplete", violations: [], missing: [{ branch: DECISIONS }] });
  });
});

async function evidencePaths(): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { path } of world.store.diff(null, await world.tip()))
    if (path.startsWith("decisions/")) paths.push(path);
  return paths;
}

describe("a branch that was moved back", () => {
  test("is found by who has seen more, and the rest is walked all the same", async () => {
    await world.verify();
    const tip = await world.tip();
    const [parent] = (await world.store.commit(tip)).parents;
    world.repository.branches.set(STATE, parent!);
    const result = await world.verify();
    expect(result.violations).toMatchObject([
      { rule: "state.ref.rewound", branch: STATE, commit: parent, pushed_by: null },
    ]);
    expect(result.facts?.commits).toBeGreaterThan(3);
  });
});
