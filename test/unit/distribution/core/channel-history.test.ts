import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  earlierReleases,
  kindOfMove,
  type PastPointer,
  standingAt,
} from "../../../../src/distribution/core/channel-history.ts";

/** A history, oldest first: `A` is a promotion of A, `<A` a rollback to A. */
function historyOf(...moves: readonly string[]): readonly PastPointer[] {
  return moves
    .map((move, i): PastPointer => {
      const kind = move.startsWith("<") ? "rollback" : "promotion";
      return { proposal_id: `prop_${i}`, release_id: move.replace("<", ""), kind };
    })
    .toReversed();
}

const names = (history: readonly PastPointer[]) => earlierReleases(history).map(({ release_id }) => release_id);

describe("earlierReleases", () => {
  it.each([
    [["A"], []],
    [["A", "B"], ["A"]],
    [
      ["A", "B", "C"],
      ["B", "A"],
    ],
    [["A", "B", "C", "<B"], ["A"]],
    [["A", "B", "C", "<B", "<A"], []],
    [
      ["A", "B", "C", "<B", "D"],
      ["B", "C", "A"],
    ],
    [["A", "B", "C", "<B", "D", "<B"], ["A"]],
    [["A", "A"], []],
    [[], []],
  ])("of %j are %j", (moves, expected) => {
    expect(names(historyOf(...moves))).toEqual(expected);
  });

  it("lets a chain of rollbacks only go further back, and come to an end", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("A", "B", "C", "D"), { minLength: 1, maxLength: 8 }), (moves) => {
        let history = historyOf(...moves);
        let steps = 0;
        for (let target = names(history)[0]; target !== undefined; target = names(history)[0]) {
          expect(kindOfMove(history, target)).toBe("rollback");
          const left = history.length - standingAt(history);
          history = [{ proposal_id: `prop_back_${steps}`, release_id: target, kind: "rollback" }, ...history];
          expect(history.length - standingAt(history)).toBeLessThan(left);
          steps += 1;
        }
        expect(steps).toBeLessThan(moves.length);
      }),
    );
  });
});

describe("kindOfMove", () => {
  it("is a promotion to what the channel never had, and to what it was rolled back from", () => {
    const history = historyOf("A", "B", "C", "<B");
    expect(["A", "B", "C", "D"].map((release) => kindOfMove(history, release))).toEqual([
      "rollback",
      "promotion",
      "promotion",
      "promotion",
    ]);
  });
});
