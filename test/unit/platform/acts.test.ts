import { expect, it } from "vitest";
import { actsOf } from "../../../src/platform/acts.ts";
import { clockAt, countingEntropy } from "../../support/world.ts";

const actor = { kind: "human", name: "alice", id: "git:alice", verified: false } as const;

it("mints acts that differ, sort by time and carry who, when and what", () => {
  const clock = clockAt("2026-11-19T11:40:00Z");
  const acts = actsOf(clock, countingEntropy(), null);
  const first = acts.begin(actor, "dist ci publish");
  clock.advance(1000);
  const second = acts.begin(actor, "dist ci publish");
  expect(first.operation < second.operation).toBe(true);
  expect(first.requestId).not.toBe(second.requestId);
  expect([first.at, second.at]).toEqual(["2026-11-19T11:40:00Z", "2026-11-19T11:40:01Z"]);
  expect(first.operation).toMatch(/^op_[0-9a-z]{26}$/);
  expect(first.id("rel")).not.toBe(second.id("rel"));
});

it("takes the request id of a CI run for all its acts", () => {
  const acts = actsOf(clockAt(), countingEntropy(), "run-1-1");
  expect([acts.begin(actor, "a").requestId, acts.begin(actor, "b").requestId]).toEqual(["run-1-1", "run-1-1"]);
});
