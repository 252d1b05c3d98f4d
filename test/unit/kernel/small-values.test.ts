import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actOf, operationId } from "../../../src/kernel/act.ts";
import { isSha256, sha256Hex, sha256Stream } from "../../../src/kernel/digest.ts";
import { classOf, isRefused, orThrow, reason, refuse } from "../../../src/kernel/errors.ts";
import { base32, derived, derivedEventId, isOpaqueId, timePart } from "../../../src/kernel/ids.ts";
import { isOid, shortOid } from "../../../src/kernel/oid.ts";
import { byCodePoint, decodeUtf8, isOneLine, isPlainText, printable } from "../../../src/kernel/text.ts";
import { isTimestamp, msOf, timestamp } from "../../../src/kernel/time.ts";
import { codeOf } from "../../support/code-of.ts";
import { testAct } from "../../support/git-repo.ts";

const text = fc.string({ unit: "binary" });

describe("text", () => {
  test("sorts as its code points do, and as its UTF-8 bytes do", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
        expect(Math.sign(byCodePoint(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
    );
    expect(["\uff00", "\u{10000}"].toSorted(byCodePoint)).toEqual(["\uff00", "\u{10000}"]);
  });

  test("is printed on one line, bounded and without anything that could steer a terminal", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 50 }), (any, limit) => {
        const shown = printable(any, limit);
        expect(Array.from(shown).length).toBeLessThanOrEqual(limit);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
    expect(printable("a\u202eb\nc")).toBe("a\\u{202e}b\\u{a}c");
  });

  test("of one line is plain text, and plain text may have line breaks and tabs", () => {
    fc.assert(
      fc.property(text, (any) => {
        expect(!isOneLine(any) || isPlainText(any)).toBe(true);
      }),
    );
    expect([isOneLine("a\tb"), isPlainText("a\n\tb"), isPlainText("a\r\nb")]).toEqual([false, true, false]);
  });

  test("that is not UTF-8 is named by the byte at which it breaks", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (good) => {
        const bytes = Buffer.concat([Buffer.from(good), Buffer.of(0xff), Buffer.from("rest")]);
        expect(() => decodeUtf8(bytes, "x")).toThrow(`at byte ${Buffer.byteLength(good)}`);
      }),
    );
    expect(decodeUtf8(Buffer.from("\ufeffa"), "x")).toBe("\ufeffa");
  });
});

describe("time", () => {
  const times = fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true });

  test("is printed in whole seconds, is a timestamp, and is read back", () => {
    fc.assert(
      fc.property(times, (date) => {
        const printed = timestamp(date);
        expect(isTimestamp(printed)).toBe(true);
        expect(msOf(printed)).toBe(Math.floor(date.getTime() / 1000) * 1000);
      }),
    );
  });

  test("a day exists only where its month has it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1999, max: 2101 }),
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 0, max: 32 }),
        (y, m, d) => {
          const two = (n: number) => String(n).padStart(2, "0");
          const date = new Date(Date.UTC(y, m - 1, d));
          const exists = m >= 1 && m <= 12 && date.getUTCMonth() === m - 1 && date.getUTCDate() === d;
          expect(isTimestamp(`${y}-${two(m)}-${two(d)}T12:00:00Z`)).toBe(exists);
        },
      ),
    );
  });

  test("a time of the day goes from 00:00:00 to 23:59:59", () => {
    const at = (time: string) => isTimestamp(`2026-01-31T${time}Z`);
    expect(["00:00:00", "23:59:59", "19:09:50.123456789"].filter((time) => !at(time))).toEqual([]);
    expect(["24:00:00", "23:60:00", "23:59:60", "1:00:00", "01:00:00.", "01:00"].filter(at)).toEqual([]);
  });
});

describe("ids", () => {
  const ms = fc.integer({ min: 0, max: 2 ** 48 });

  test("sort as the times do", () => {
    fc.assert(
      fc.property(ms, ms, (a, b) => {
        expect(Math.sign(byCodePoint(timePart(a), timePart(b)))).toBe(Math.sign(a - b));
      }),
    );
  });

  test("are opaque ids, the same from the same text", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40 }), (seed, length) => {
        expect(derived(seed, length)).toMatch(new RegExp(`^[0-9a-hjkmnp-tv-z]{${length}}$`));
        expect(derived(seed, length)).toBe(derived(seed, length));
      }),
    );
    expect(base32(Uint8Array.of(0xff, 0), 3)).toBe("zw0");
    expect(isOpaqueId(derivedEventId("2026-01-01T00:00:00Z", "prop_1", "channel.promoted"))).toBe(true);
    expect([isOpaqueId(""), isOpaqueId("a/b"), isOpaqueId("a".repeat(65))]).toEqual([false, false, false]);
  });

  test("of an act count up, and begin again when it is planned again", () => {
    const act = testAct("one");
    const first = [act.id("rel"), act.id("rel"), act.id("art"), act.id("aud"), act.id("aud")];
    expect(new Set(first).size).toBe(5);
    const again = act.again();
    expect(["rel", "rel", "art", "aud", "aud"].map((prefix) => again.id(prefix))).toEqual(first);
    expect(first.slice(3).toSorted(byCodePoint)).toEqual(first.slice(3));
    const step = act.step("record");
    expect(step.operation).toBe("op_one-record");
    expect(step.id("rel")).not.toBe(first[0]);
  });

  test("of operations differ by what is random and sort by time", () => {
    expect(operationId(5, "a")).toMatch(/^op_[0-9a-z]{26}$/);
    expect(operationId(5, "a")).not.toBe(operationId(5, "b"));
    expect(byCodePoint(operationId(5, "z"), operationId(6, "a"))).toBeLessThan(0);
    expect(actOf({ ...testAct("x") }).id("rel")).toBe(testAct("x").id("rel"));
  });

  test("of objects are 40 or 64 lower-case hex digits", () => {
    const [sha1, sha256] = ["a".repeat(40), "b".repeat(64)];
    expect([sha1, sha256].every(isOid)).toBe(true);
    expect(["A".repeat(40), "a".repeat(41), "", `${sha1}\n`].some(isOid)).toBe(false);
    expect(isOid(sha1) && shortOid(sha1)).toBe("aaaaaaa");
  });
});

test("a digest in pieces is the digest of the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (chunks) => {
      const stream = sha256Stream();
      for (const chunk of chunks) stream.update(chunk);
      expect(stream.hex()).toBe(sha256Hex(Buffer.concat(chunks)));
      expect(isSha256(sha256Hex(Buffer.concat(chunks)))).toBe(true);
    }),
  );
});

describe("errors", () => {
  test("a refusal is a value, and an error only for who cannot carry on", () => {
    const no = refuse(
      reason("app.exists", "notes exists", { slug: "notes" }, "choose another"),
      reason("app.not_found", "x"),
    );
    expect([isRefused(no), isRefused({ refused: 1 }), isRefused(null), isRefused("refused")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(codeOf(() => orThrow(no))).toBe("app.exists");
    expect(orThrow("yes")).toBe("yes");
  });

  test("every code has its class, and a problem of any format that of its family", () => {
    expect(classOf("state.push.conflict")).toEqual({ exit: 4, retryable: true });
    expect(classOf("inspect.zip.path_escape")).toEqual({ exit: 1, retryable: false });
  });
});
