import fc from "fast-check";
import { expect, test } from "vitest";
import { ObjectCutter } from "../../../../src/platform/git/object-stream.ts";
import { type Algorithm, objectId, type ObjectKind } from "../../../../src/platform/git/objects.ts";

const MAX_BYTES = 400;
const algorithms = fc.constantFrom<Algorithm>("sha1", "sha256");
const objects = fc.array(
  fc.record({
    kind: fc.constantFrom<ObjectKind>("blob", "tree", "commit"),
    // Line ends, blanks and digits are what a first line has, too.
    content: fc.oneof(
      fc.uint8Array({ maxLength: MAX_BYTES }).map((bytes) => Buffer.from(bytes)),
      fc.stringMatching(/^[\n 0-9a-f]{0,90}$/).map((text) => Buffer.from(text)),
    ),
  }),
  { maxLength: 12 },
);

/** What git prints of objects. */
function printed(all: readonly { readonly kind: ObjectKind; readonly content: Buffer }[], algorithm: Algorithm) {
  const told = all.map(({ kind, content }) => ({ oid: objectId(algorithm, kind, content), kind, content }));
  const parts = told.map(({ oid, kind, content }) => [`${oid} ${kind} ${content.length}\n`, content, "\n"]);
  return {
    told: told.map(({ content, ...rest }) => ({ ...rest, bytes: content })),
    bytes: Buffer.concat(parts.flat().map((part) => Buffer.from(part))),
  };
}

/** Takes a stream in pieces that end at these places. */
function cut(bytes: Buffer, ends: readonly number[], algorithm: Algorithm, maxBytes = MAX_BYTES) {
  const cutter = new ObjectCutter(algorithm, maxBytes);
  const places = [...ends.map((end) => end % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  const taken = places.flatMap((end, i) => [...cutter.take(Buffer.from(bytes.subarray(places[i - 1] ?? 0, end)))]);
  return { taken, hasEnded: cutter.hasEnded };
}

test("every object comes out whole, however the stream is cut into pieces", () => {
  fc.assert(
    fc.property(objects, fc.array(fc.nat()), algorithms, (all, ends, algorithm) => {
      const { told, bytes } = printed(all, algorithm);
      expect(cut(bytes, ends, algorithm)).toEqual({ taken: told, hasEnded: false });
    }),
  );
});

test("nothing comes from a byte that is another one on, and nothing wrong before it", () => {
  fc.assert(
    fc.property(objects, fc.array(fc.nat()), fc.nat(), fc.integer({ min: 1, max: 255 }), (all, ends, place, change) => {
      const { told, bytes } = printed(all, "sha1");
      fc.pre(bytes.length > 0);
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ change;
      const { taken } = cut(bytes, ends, "sha1");
      const isLineEnd = told.some((_, i) => at === printed(all.slice(0, i + 1), "sha1").bytes.length - 1);
      const whole = told.filter(
        (_, i) => printed(all.slice(0, i + 1), "sha1").bytes.length <= at + (isLineEnd ? 1 : 0),
      );
      expect(taken.slice(0, whole.length)).toEqual(whole);
      // What stands behind a content is a line end, and nobody reads which byte it is.
      expect(taken).toHaveLength(isLineEnd ? told.length : whole.length);
    }),
  );
});

test("it ends at what is too large, absent, or no first line", () => {
  const { told, bytes } = printed([{ kind: "blob", content: Buffer.from("one") }], "sha1");
  const oid = "0".repeat(40);
  for (const next of [
    `${oid} blob 4\nfour\n`,
    `${oid} missing\n`,
    `${oid} tag 1\n`,
    `${oid} blob x\n`,
    "x".repeat(201),
  ])
    expect(cut(Buffer.concat([bytes, Buffer.from(next)]), [], "sha1", 3), next).toEqual({
      taken: told,
      hasEnded: true,
    });
  for (const part of ["", oid, `${oid} blo`, `${oid} blob 3`, `${oid} blob 3\nab`])
    expect(cut(Buffer.concat([bytes, Buffer.from(part)]), [], "sha1", 3).hasEnded, part).toBe(false);
});
