import { describe, expect, it } from "vitest";
import { identityRules } from "../../../../src/distribution/doctor/identity-rules.ts";
import type { AppV1 } from "../../../../src/schema/types.gen.ts";
import { examineBy } from "../../../support/examine.ts";
import { appWrite, readingWorld, recordWrite, releaseOf, releaseWrite } from "../../../support/reading-world.ts";

async function found(app: Partial<AppV1>, facts: Readonly<Record<string, string>>) {
  const world = await readingWorld();
  const files = [{ platform: "android_apk", filename: "acme.apk" }] as const;
  const [old, release] = [releaseOf("1.3.0", {}, files), releaseOf("1.4.0", {}, files)];
  await world.write([
    appWrite("acme-notes", app),
    releaseWrite(old),
    releaseWrite(release),
    recordWrite(old.artifacts[0]!, { kind: "apk", facts: { identity: "com.acme.old" } }),
    recordWrite(release.artifacts[0]!, { kind: "apk", facts }),
  ]);
  return examineBy(identityRules, world);
}

describe("identity.rules", () => {
  it("finds nothing wrong where there is a rule, or the bytes say no id", async () => {
    expect(await found({ bundle_ids: { android_apk: "com.acme.notes" } }, { identity: "com.acme.notes" })).toEqual([]);
    expect(await found({}, {})).toEqual([]);
  });

  it("warns with the command that makes the rule from the newest release", async () => {
    expect(await found({}, { identity: "com.acme.notes" })).toMatchObject([
      { status: "warn", fix: "dist app set acme-notes --bundle-id android_apk=com.acme.notes" },
    ]);
  });
});
