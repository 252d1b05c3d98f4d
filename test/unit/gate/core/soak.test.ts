import { expect, it } from "vitest";
import { soakRow } from "../../../../src/gate/core/soak.ts";

const soak = { source: "beta", minutes: 24 * 60 };
const since = { channel: "beta", since: "2026-11-18T15:30:00Z" };

it("waits until the release was on the source channel long enough, to the second", () => {
  expect(soakRow(soak, since, "2026-11-19T15:29:59Z")).toMatchObject({ status: "wait" });
  expect(soakRow(soak, since, "2026-11-19T15:30:00Z")).toMatchObject({ status: "ok" });
  expect(soakRow(soak, since, "2026-11-19T11:40:00Z").message).toBe(
    "on beta for 20 h 10 min of 24 h, done at 2026-11-19T15:30:00Z",
  );
});

it("waits for a release that is not on the source channel", () => {
  expect(soakRow(soak, null, "2026-11-19T15:30:00Z").status).toBe("wait");
  expect(soakRow(soak, { ...since, channel: "nightly" }, "2027-01-01T00:00:00Z").status).toBe("wait");
  expect(soakRow(null, null, "2026-11-19T15:30:00Z").status).toBe("ok");
});
