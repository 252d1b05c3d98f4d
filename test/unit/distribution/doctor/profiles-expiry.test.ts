import { describe, expect, it } from "vitest";
import { profilesExpiry } from "../../../../src/distribution/doctor/profiles-expiry.ts";
import { examineBy } from "../../../support/examine.ts";
import { appWrite, readingWorld, recordWrite, releaseOf, releaseWrite } from "../../../support/reading-world.ts";

async function found(expiresAt: string | null, on: readonly string[] = ["internal"]) {
  const world = await readingWorld();
  const release = releaseOf("1.4.0", { build: "412" }, [{ platform: "ios", filename: "acme.ipa" }]);
  const facts = expiresAt === null ? {} : { expires_at: expiresAt };
  await world.write([
    appWrite("acme-notes"),
    releaseWrite(release),
    recordWrite(release.artifacts[0]!, { kind: "ipa", facts }),
  ]);
  for (const channel of on) await world.place(channel, release);
  return examineBy(profilesExpiry, world);
}

describe("profiles.expiry", () => {
  it("finds nothing wrong with what never ends, ends late, or is on no channel", async () => {
    expect(await found(null)).toEqual([]);
    expect(await found("2027-06-01T00:00:00Z")).toEqual([]);
    expect(await found("2026-11-01T00:00:00Z", [])).toEqual([]);
  });

  it("warns once of what ends soon, however many channels give it out", async () => {
    expect(await found("2026-12-15T12:00:00Z", ["internal", "nightly"])).toMatchObject([
      { status: "warn", message: "acme-notes 1.4.0 (412) ios: profile expires 2026-12-15, in 26 days" },
    ]);
  });

  it("fails for what has ended and is still given out", async () => {
    expect(await found("2026-11-19T11:40:00Z")).toMatchObject([{ status: "fail" }]);
  });
});
