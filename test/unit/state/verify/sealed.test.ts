import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createMemoryGitStore } from "../../../../src/platform/memory/git-store.ts";
import { lineOfBytes } from "../../../../src/state/seal/segment.ts";
import type { AuditEventV1 } from "../../../../src/schema/types.gen.ts";
import { isData } from "../../../../src/kernel/json.ts";
import { isOid } from "../../../../src/kernel/oid.ts";
import { commitFiles, eventDocument, eventPath, printed } from "../../../support/facts.ts";
import { dayFolder, type Files, makeSealedWorld, type SealedWorld } from "../../../support/sealed-world.ts";

let world: SealedWorld;

beforeAll(async () => {
  world = await makeSealedWorld();
});
beforeEach(() => world.reset());

const SEGMENT = "audit/2026/01/06.ndjson";
const text = (bytes: Files[string] | undefined) =>
  typeof bytes === "string" ? bytes : Buffer.from(bytes ?? "").toString("utf8");
const linesOf = (files: Files) => text(files[SEGMENT]).trimEnd().split("\n");
const withLines = (files: Files, lines: readonly string[]) => {
  files[SEGMENT] = `${lines.join("\n")}\n`;
};
const anchorIn = ({ anchor }: AuditEventV1["metadata"]) => (isData(anchor) ? anchor : {});
/** An event of this repository. */
const event = (id: string, at: string) => {
  const document = { ...eventDocument(id, at), tenant_id: "tenant", repo_id: "repo" };
  const bytes = printed(document);
  return { path: eventPath(document), bytes, line: lineOfBytes(bytes, id) };
};

test("what the tool would do, done by hand, is accepted", async () => {
  await world.byHand("06");
  expect(await world.broken()).toEqual([]);
});

describe("a seal that is not exact", () => {
  const cases: Record<string, (files: Files) => void> = {
    "one event is dropped": (files) => withLines(files, linesOf(files).slice(1)),
    "one event is added": (files) => {
      const more = event("aud_more", "2026-01-06T23:00:00Z");
      withLines(files, [...linesOf(files), more.line]);
    },
    "one event is altered": (files) =>
      withLines(
        files,
        linesOf(files).map((line) => line.replace("app.updated", "app.created")),
      ),
    "lines are not sorted": (files) => withLines(files, linesOf(files).toReversed()),
    "a line stands twice": (files) => withLines(files, [linesOf(files)[0]!, ...linesOf(files)]),
    "a line is not canonical": (files) =>
      withLines(
        files,
        linesOf(files).map((line) => line.replace(":", ": ")),
      ),
    "the last line does not end": (files) => {
      files[SEGMENT] = text(files[SEGMENT]).trimEnd();
    },
    "it is larger than a segment": (files) => withLines(files, [...linesOf(files), `"${"x".repeat(600_000)}"`]),
    "its lines are split early": (files) => {
      const [first = "", ...rest] = linesOf(files);
      withLines(files, [first]);
      files["audit/2026/01/06-2.ndjson"] = `${rest.join("\n")}\n`;
    },
    "its segments are not counted from one": (files) => {
      files["audit/2026/01/06-2.ndjson"] = files[SEGMENT]!;
      delete files[SEGMENT];
    },
    "a segment of no folder of ours holds the lines": (files) => {
      files["audit/2026/01/04.ndjson"] = files[SEGMENT]!;
      delete files[SEGMENT];
    },
    "an event is left in its file": (files) => {
      const path = Object.keys(files).findLast((name) => files[name] === null)!;
      delete files[path];
      withLines(files, linesOf(files).slice(0, -1));
    },
    "it changes something else": (files) => {
      files["dist/apps/app-1/app.json"] = null;
    },
  };
  test.each(Object.keys(cases))("%s", async (name) => {
    const commit = await world.byHand("06", cases[name]);
    const { violations } = await world.verify({ full: true });
    expect(violations.filter((one) => one.rule === "seal.exact").map((one) => one.commit)).toContain(commit);
  });

  const events: Record<string, (made: AuditEventV1) => AuditEventV1> = {
    "names another digest": ({ metadata, ...rest }) => ({
      ...rest,
      metadata: { ...metadata, segments: [{ path: SEGMENT, documents: 4, sha256: "0".repeat(64) }] },
    }),
    "names no segments": ({ metadata, ...rest }) => ({ ...rest, metadata: { anchor: metadata["anchor"] } }),
    "is another": (made) => ({ ...made, action: "app.updated" }),
  };
  test.each(Object.keys(events))("its event %s", async (name) => {
    const commit = await world.byHand("06", undefined, events[name]);
    const { violations } = await world.verify({ full: true });
    expect(violations.filter((one) => one.rule === "seal.exact").map((one) => one.commit)).toContain(commit);
  });

  test("each event is named by its path", async () => {
    const [dropped] = await world.eventsOf("06");
    await world.byHand("06", (files) => {
      const more = event("aud_more", "2026-01-06T23:00:00Z");
      const [, second = "", ...rest] = linesOf(files);
      withLines(files, [second.replace("app.updated", "app.created"), ...rest, more.line]);
    });
    const broken = await world.broken();
    const [, altered] = await world.eventsOf("06", await parentOf(await world.tip()));
    expect(broken).toEqual(
      expect.arrayContaining([
        `seal.exact ${dropped}`,
        `seal.exact ${altered}`,
        "seal.exact audit/2026/01/06/23/00/aud_more.json",
      ]),
    );
  });

  const parentOf = async (commit: string) =>
    isOid(commit) ? (await world.store.commit(commit)).parents[0]! : undefined;
});

test("a removal without a segment is no seal", async () => {
  const [first = ""] = await world.eventsOf("06");
  await commitFiles(world.store, { [first]: null, ...own("aud_x") });
  expect(await world.broken()).toEqual([`audit.append_only ${first}`]);
});

const own = (id: string): Files => {
  const { path, bytes } = event(id, "2026-01-09T13:00:00Z");
  return { [path]: bytes };
};

describe("what is sealed stays as it is", () => {
  beforeEach(async () => {
    await world.seal();
  });

  test.each([
    ["edited", "other\n"],
    ["removed", null],
  ])("a segment that is %s later", async (_, content) => {
    await commitFiles(world.store, { [SEGMENT]: content, ...own("aud_x") });
    expect(await world.broken()).toEqual([`seal.frozen ${SEGMENT}`]);
  });

  test("a further segment", async () => {
    const late = event("aud_late", "2026-01-06T23:00:00Z");
    await commitFiles(world.store, { "audit/2026/01/06-2.ndjson": `${late.line}\n`, ...own("aud_x") });
    expect(await world.broken()).toEqual(["seal.frozen audit/2026/01/06-2.ndjson", "seal.anchored -"]);
  });

  test("a late back-dated event, from the root and after a remembered walk", async () => {
    expect((await world.verify()).status).toBe("verified");
    const late = event("aud_late", "2026-01-06T23:00:00Z");
    const commit = await commitFiles(world.store, { [late.path]: late.bytes });
    for (const full of [false, true]) {
      const { violations, facts } = await world.verify({ full });
      expect(violations).toMatchObject([{ rule: "seal.late", commit, path: late.path }]);
      expect(facts!.remembered > 0).toBe(!full);
    }
  });

  test("a back-dated event that is sealed after it", async () => {
    const late = event("aud_late", "2026-01-06T23:00:00Z");
    await commitFiles(world.store, { [late.path]: late.bytes });
    await commitFiles(world.store, {
      [late.path]: null,
      "audit/2026/01/06-2.ndjson": `${late.line}\n`,
      ...own("aud_x"),
    });
    expect(await world.broken()).toEqual([
      `seal.late ${late.path}`,
      "seal.frozen audit/2026/01/06-2.ndjson",
      `audit.append_only ${late.path}`,
      "seal.anchored -",
    ]);
  });
});

describe("what no decision has seen", () => {
  test.each([
    ["the day of the anchor", "08"],
    ["a later day", "09"],
  ])("a seal of %s", async (_, day) => {
    const commit = await world.byHand(day, undefined, (made) => ({ ...made, created_at: "2026-01-10T12:00:00Z" }));
    const { violations } = await world.verify({ full: true });
    expect(violations).toMatchObject([{ rule: "seal.anchored", commit, path: dayFolder(day) }]);
    expect(violations[0]?.message).toContain("no day before 2026-01-08");
  });

  test("a seal of a day with an event that came after the anchor", async () => {
    const late = event("aud_late", "2026-01-06T23:00:00Z");
    await commitFiles(world.store, { [late.path]: late.bytes });
    await world.byHand("06");
    expect(await world.broken()).toEqual([`seal.anchored ${dayFolder("06")}`]);
  });

  test("a seal that names a decision which has not seen so much", async () => {
    await world.byHand("06", undefined, ({ metadata, ...rest }) => ({
      ...rest,
      metadata: { ...metadata, anchor: { ...anchorIn(metadata), seq: 1 } },
    }));
    expect(await world.broken()).toEqual(["seal.anchored -"]);
  });
});

test("a history that lacks the originals is incomplete", async () => {
  await world.seal();
  const tip = await world.store.commit(await world.tip());
  const objects = new Map(world.repository.objects);
  // As a shallow clone whose last commits are the seal and one after it has them.
  const parent = await world.store.commit(tip.parents[0]!);
  objects.delete(parent.parents[0]!);
  const store = createMemoryGitStore({ repository: { ...world.repository, objects } });
  const { status, missing, violations } = await world.verify({ full: true, ground: { store } });
  expect(missing).not.toEqual([]);
  expect(status).not.toBe("verified");
  expect(violations.filter(({ rule }) => /^(?:seal|audit)\./.test(rule))).toEqual([]);
});
