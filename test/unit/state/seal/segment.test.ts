import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bytesOfLine,
  lineOfBytes,
  linesOf,
  MAX_SEGMENT_BYTES,
  printSegments,
  readSegment,
  splitLines,
} from "../../../../src/state/seal/segment.ts";
import { segmentFinder, segmentPath } from "../../../../src/state/seal/segment-path.ts";
import { planFolder } from "../../../../src/state/seal/plan.ts";
import { eventDocument, eventPath, printed, schemas, testKinds } from "../../../support/facts.ts";
import { auditKind } from "../../../support/seal-day.ts";

const FOLDER = "audit/2026/01/01";
const segmentOf = segmentFinder(testKinds);

/** Files of a day: `size` characters of metadata each. */
function filesOf(ids: readonly number[], size = 0) {
  return ids.map((n) => {
    const minute = `${String(Math.floor(n / 60) % 24).padStart(2, "0")}:${String(n % 60).padStart(2, "0")}`;
    const event = { ...eventDocument(`aud_${n}`, `2026-01-01T${minute}:00Z`), metadata: { text: "x".repeat(size) } };
    return { path: eventPath(event), bytes: printed(event) };
  });
}

function readAll(segments: ReadonlyMap<string, Uint8Array | null>) {
  return [...segments].flatMap(([path, bytes]) => {
    const segment = segmentOf(path);
    return segment === undefined || bytes === null ? [] : readSegment(schemas, segment, bytes);
  });
}

test("files become lines and lines the files again, byte for byte, in whatever order they came", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(2000), { minLength: 1, maxLength: 30 }), (ids) => {
      const files = filesOf(ids);
      const plan = planFolder(schemas, auditKind, FOLDER, files)!;
      const again = planFolder(schemas, auditKind, FOLDER, files.toReversed())!;
      expect([...again.writes]).toEqual([...plan.writes]);
      const read = readAll(plan.writes).map(({ path, line }) => ({ path, bytes: bytesOfLine(line, path) }));
      expect(read).toEqual(files.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
    }),
    { numRuns: 30 },
  );
});

test("a day beyond 512 KB takes further segments, each as full as it can be", () => {
  const files = filesOf(
    Array.from({ length: 700 }, (_, n) => n),
    1000,
  );
  const { segments, writes, documents } = planFolder(schemas, auditKind, FOLDER, files)!;
  expect([documents, segments.map(({ path }) => path)]).toEqual([700, [`${FOLDER}.ndjson`, `${FOLDER}-2.ndjson`]]);
  const sizes = segments.map(({ path }) => writes.get(path)!.length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_SEGMENT_BYTES);
  expect(sizes[0]! + 1500).toBeGreaterThan(MAX_SEGMENT_BYTES);
  expect(segments.map(({ documents: lines }) => lines).reduce((a, b) => a + b)).toBe(700);
  expect(readAll(writes).map(({ path }) => path)).toEqual(files.map(({ path }) => path).toSorted());
  expect(writes.get(FOLDER)).toBeNull();
});

test("lines are split to the byte", () => {
  const half = MAX_SEGMENT_BYTES / 2;
  expect(splitLines([half, half, 1])).toEqual([2, 1]);
  expect(splitLines([half, half + 1, half - 1])).toEqual([1, 2]);
  expect(splitLines([])).toEqual([]);
});

test("what is no document of the folder, or too long for a line, stays", () => {
  const [file] = filesOf([1]);
  const [large] = filesOf([2], MAX_SEGMENT_BYTES);
  const junk = [
    { path: `${FOLDER}/note.txt`, bytes: Buffer.from("hello") },
    { path: `${FOLDER}/00/03/aud_3.json`, bytes: Buffer.from("{}\n") },
    { path: `${FOLDER}/00/04/aud_4.json`, bytes: file!.bytes },
    large!,
  ];
  const plan = planFolder(schemas, auditKind, FOLDER, [file!, ...junk])!;
  expect(plan.left).toEqual(junk.map(({ path }) => path));
  expect([...plan.writes.keys()]).toEqual([`${FOLDER}.ndjson`, file!.path]);
  expect(planFolder(schemas, auditKind, FOLDER, junk)).toBeNull();
});

describe("what is no segment", () => {
  const segment = segmentOf(`${FOLDER}.ndjson`)!;
  const lines = filesOf([1, 2, 3]).map(({ path, bytes }) => lineOfBytes(bytes, path));
  const other = lineOfBytes(printed(eventDocument("aud_o", "2026-01-02T00:00:00Z")), "other");
  const cases: Record<string, readonly [text: string, code: string]> = {
    empty: ["", "state.document.invalid"],
    "an empty line": [`${lines[0]}\n\n`, "document.not_canonical"],
    "without a last newline": [lines.join("\n"), "state.document.invalid"],
    "with CRLF": [`${lines[0]}\r\n`, "document.not_canonical"],
    "with a byte-order mark": [`\ufeff${lines[0]}\n`, "document.not_canonical"],
    "with a line twice": [`${lines[0]}\n${lines[0]}\n`, "state.document.invalid"],
    "not in order": [`${lines[1]}\n${lines[0]}\n`, "state.document.invalid"],
    "of another day": [`${other}\n`, "state.document.invalid"],
    "with a document of another kind": ['{"schema":"app.v1"}\n', "state.document.invalid"],
    "with keys in another order": [
      `${lines[0]!.replace(/"action":"[^"]+",(.*)\}$/, '$1,"action":"app.created"}')}\n`,
      "document.not_canonical",
    ],
    "nested too deep": [`${"[".repeat(100_000)}${"]".repeat(100_000)}\n`, "document.not_canonical"],
    "too large": [`${"x".repeat(MAX_SEGMENT_BYTES)}\n`, "state.limit.exceeded"],
  };
  test.each(Object.keys(cases))("%s", (name) => {
    const [text, code] = cases[name]!;
    expect(() => readSegment(schemas, segment, Buffer.from(text))).toThrow(expect.objectContaining({ code }));
  });
  test("bytes that are no UTF-8", () => {
    expect(() => readSegment(schemas, segment, Buffer.from([0xff, 0x0a]))).toThrow(
      expect.objectContaining({ code: "text.invalid_utf8" }),
    );
  });
});

test("segments are told by their paths only", () => {
  const found = (path: string) => {
    const segment = segmentOf(path);
    return segment && [segment.folder, segment.number];
  };
  expect(found(`${FOLDER}.ndjson`)).toEqual([FOLDER, 1]);
  expect(found(segmentPath(FOLDER, 12))).toEqual([FOLDER, 12]);
  for (const path of [
    `${FOLDER}-1.ndjson`,
    `${FOLDER}/00.ndjson`,
    "audit/2026/01.ndjson",
    `${FOLDER}.json`,
    "x/2026/01/01.ndjson",
  ])
    expect(found(path)).toBeUndefined();
  expect(linesOf(printSegments(FOLDER, [{ path: "a", line: "{}" }]).get(`${FOLDER}.ndjson`)!)).toBe(1);
});
