import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { artifactKey } from "../../../../src/distribution/documents.ts";
import { lineOfBytes } from "../../../../src/state/seal/segment.ts";
import { commitFiles, printed } from "../../../support/facts.ts";
import {
  digestOf,
  fileOf,
  makeReleasesWorld,
  RECORDS,
  RELEASES,
  type ReleasesWorld,
  releaseOf,
} from "../../../support/sealed-releases.ts";
import type { Files } from "../../../support/sealed-world.ts";

let world: ReleasesWorld;

beforeAll(async () => {
  world = await makeReleasesWorld();
});
beforeEach(() => world.reset());

const textOf = (bytes: Files[string] | undefined) =>
  typeof bytes === "string" ? bytes : Buffer.from(bytes ?? "").toString("utf8");
const linesIn = (files: Files, path = RELEASES) => textOf(files[path]).trimEnd().split("\n");
const put = (files: Files, lines: readonly string[], path = RELEASES) => {
  files[path] = `${lines.join("\n")}\n`;
};
const lineOf = (version: string, status: "published" | "draft" = "published") =>
  lineOfBytes(printed(releaseOf(version, "2026-01-05T10:00:00Z", status)), version);
const recordPath = (version: string) => {
  const { a, b, sha256 } = artifactKey(digestOf(version));
  return `dist/artifacts/${a}/${b}/${sha256}.json`;
};

test("what the tool would do, done by hand, is accepted", async () => {
  await world.forge(() => undefined);
  expect(await world.broken()).toEqual([]);
});

describe("a seal that is not exact", () => {
  const cases: Record<string, readonly [(files: Files) => void, readonly string[]]> = {
    "a line is dropped": [(files) => put(files, linesIn(files).slice(1)), [`seal.exact ${fileOf("1.0.0")}`]],
    "a line is added": [(files) => put(files, [...linesIn(files), lineOf("9.0.0")]), [`seal.exact ${fileOf("9.0.0")}`]],
    "a line is altered": [
      (files) =>
        put(
          files,
          linesIn(files).map((line) =>
            line.replace('"version":"1.0.1"', '"notes":"x","version":"1.0.1"').replace('"notes":null,', ""),
          ),
        ),
      [],
    ],
    "lines are out of order": [(files) => put(files, linesIn(files).toReversed()), [`seal.exact ${RELEASES}`]],
    "lines are split early": [
      (files) => {
        const [first = "", ...more] = linesIn(files);
        put(files, [first]);
        put(files, more, "dist/apps/notes/releases-2.ndjson");
      },
      [`seal.exact ${RELEASES}`],
    ],
    "a draft is sealed": [
      (files) => {
        put(files, [...linesIn(files).slice(0, 2), lineOf("1.0.2", "draft"), ...linesIn(files).slice(2)]);
        files[fileOf("1.0.2")] = null;
      },
      [`seal.exact ${fileOf("1.0.2")}`],
    ],
    "a file goes that is in no segment": [
      (files) => {
        files[fileOf("2.0.0")] = null;
      },
      [`seal.exact ${fileOf("2.0.0")}`],
    ],
    "something else changes with it": [
      (files) => {
        files[fileOf("4.0.0")] = printed(releaseOf("4.0.0", "2026-01-05T10:00:00Z", "draft"));
      },
      [`seal.exact ${fileOf("4.0.0")}`],
    ],
  };
  test.each(Object.entries(cases))("%s", async (_, [edit, expected]) => {
    await world.forge(edit);
    const broken = await world.broken();
    expect(broken.filter((one) => one.startsWith("seal.exact")).length).toBeGreaterThan(0);
    for (const one of expected) expect(broken).toContain(one);
  });

  test("its event names other segments", async () => {
    await world.forge(
      () => undefined,
      (event) => ({ ...event, metadata: { ...event.metadata, segments: [] } }),
    );
    expect(await world.broken()).toEqual(["seal.exact -"]);
  });
});

test("a release that no decision has seen is not sealed", async () => {
  await world.forge((files) => {
    put(files, [...linesIn(files), lineOfBytes(printed(releaseOf("2.0.0", "2026-01-06T10:00:00Z")), "2.0.0")]);
    files[fileOf("2.0.0")] = null;
  });
  expect(await world.broken()).toEqual([`seal.anchored ${fileOf("2.0.0")}`]);
});

describe("after a seal", () => {
  beforeEach(async () => {
    await world.seal();
  });
  const contentOf = async (path: string) => {
    const [found] = await world.store.read(await world.tip(), [path]);
    return found && "bytes" in found ? Buffer.from(found.bytes).toString("utf8") : "";
  };
  const named = async (rule: string) => (await world.broken()).filter((one) => one.startsWith(rule));

  test("a line that is taken out is named", async () => {
    const lines = (await contentOf(RELEASES)).split("\n");
    await commitFiles(world.store, { [RELEASES]: lines.slice(1).join("\n") });
    expect(await named("seal.exact")).toContain(`seal.exact ${fileOf("1.0.0")}`);
  });

  test("a line that changes is named", async () => {
    const text = await contentOf(RELEASES);
    await commitFiles(world.store, { [RELEASES]: text.replace('"notes":null', '"notes":"other"') });
    expect(await named("seal.exact")).toContain(`seal.exact ${fileOf("1.0.0")}`);
  });

  test("a line that is put in without its file is named", async () => {
    await commitFiles(world.store, { [RELEASES]: `${await contentOf(RELEASES)}${lineOf("9.0.0")}\n` });
    expect(await named("seal.exact")).toContain(`seal.exact ${fileOf("9.0.0")}`);
  });

  test.each(["3", "99999"])(
    "a segment that follows none, which later ones would join, is named: %s",
    async (number) => {
      const path = `dist/apps/notes/releases-${number}.ndjson`;
      await commitFiles(world.store, { [path]: `${lineOf("9.0.0")}\n` });
      expect(await named("seal.exact")).toEqual([`seal.exact ${path}`]);
    },
  );

  test("a segment that goes, or is none any more, is named", async () => {
    await commitFiles(world.store, { [RELEASES]: null });
    expect(await named("seal.exact")).toHaveLength(5);
    await commitFiles(world.store, { [RECORDS]: "{}" });
    expect(await named("seal.exact")).toContain(`seal.exact ${RECORDS}`);
  });

  test.each([true, false])(
    "a file beside its line is named, whatever it says (walked from the root: %s)",
    async (full) => {
      expect(await world.broken({ full: false })).toEqual([]);
      await commitFiles(world.store, { [fileOf("1.0.0")]: printed(releaseOf("1.0.0", "2026-01-05T10:00:00Z")) });
      expect(await world.broken({ full })).toContain(`seal.late ${fileOf("1.0.0")}`);
    },
  );

  test("a release that leaves its segment is named", async () => {
    const lines = (await contentOf(RELEASES)).split("\n");
    await commitFiles(world.store, {
      [RELEASES]: lines.slice(1).join("\n"),
      [fileOf("1.0.0")]: printed(releaseOf("1.0.0", "2026-01-05T10:00:00Z", "abandoned")),
    });
    expect((await named("seal.")).toSorted()).toEqual([
      `seal.exact ${fileOf("1.0.0")}`,
      `seal.late ${fileOf("1.0.0")}`,
    ]);
  });

  test("a record that leaves its segment changed as no command changes it is named", async () => {
    await world.write(await world.located("1.0.0", { size_bytes: 2 }));
    expect(await world.broken()).toEqual([`record.altered ${recordPath("1.0.0")}`]);
  });

  test("a record beside its line is named", async () => {
    const write = await world.located("1.0.0");
    if (write.name !== "artifact.v1" || write.document === null) throw new Error("no record");
    await commitFiles(world.store, { [recordPath("1.0.0")]: printed(write.document) });
    expect(await named("seal.late")).toEqual([`seal.late ${recordPath("1.0.0")}`]);
  });

  test("a release that is published with a record in a segment has one", async () => {
    const release = releaseOf("3.0.0", "2026-01-06T10:00:00Z");
    const artifacts = release.artifacts.map((row) => ({ ...row, sha256: digestOf("1.0.0") }));
    await commitFiles(world.store, { [fileOf("3.0.0")]: printed({ ...release, artifacts }) });
    expect(await named("artifact.missing")).toEqual([]);
    const missing = release.artifacts.map((row) => ({ ...row, sha256: digestOf("no such") }));
    await commitFiles(world.store, {
      [fileOf("3.0.1")]: printed({ ...releaseOf("3.0.1", "2026-01-06T10:00:00Z"), artifacts: missing }),
    });
    expect(await named("artifact.missing")).toEqual([`artifact.missing ${fileOf("3.0.1")}`]);
  });
});

test("files that go without a segment are named by the rules of their kinds", async () => {
  await commitFiles(world.store, { [fileOf("1.0.0")]: null, [fileOf("1.0.2")]: null, [recordPath("1.0.0")]: null });
  expect((await world.broken()).filter((one) => !one.startsWith("audit."))).toEqual(
    expect.arrayContaining([
      `release.frozen ${fileOf("1.0.0")}`,
      `record.altered ${fileOf("1.0.2")}`,
      `record.altered ${recordPath("1.0.0")}`,
    ]),
  );
});
