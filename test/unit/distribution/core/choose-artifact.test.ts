import { describe, expect, it } from "vitest";
import { chooseArtifact } from "../../../../src/distribution/core/choose-artifact.ts";
import { releaseOf, type TestFile } from "../../../support/stored-release.ts";

const file = (platform: TestFile["platform"], filename: string, variant?: string): TestFile => ({
  platform,
  filename,
  content: filename,
  ...(variant === undefined ? {} : { variant }),
});
const release = releaseOf({
  version: "1.0.0",
  files: [
    file("linux", "acme.deb", "x64"),
    file("linux", "acme.AppImage", "x64"),
    file("linux", "acme-arm.deb", "arm64"),
    file("ios", "acme.ipa"),
  ],
});
const choose = (platform: string, variant: string | null = null, filename: string | null = null) => {
  const chosen = chooseArtifact(release, { platform, variant, filename });
  return "refused" in chosen ? [chosen.refused[0].code, ...chosen.refused[0].hints] : chosen.filename;
};

describe("choosing an artifact", () => {
  it("takes the only one that fits", () => {
    expect(choose("ios")).toBe("acme.ipa");
    expect(choose("linux", "arm64")).toBe("acme-arm.deb");
    expect(choose("linux", "x64", "acme.deb")).toBe("acme.deb");
    expect(choose("linux", null, "acme.AppImage")).toBe("acme.AppImage");
  });

  it("asks for what tells several apart", () => {
    expect(choose("linux", "x64")).toEqual(["usage.missing_argument", "Add --file"]);
    expect(choose("linux")).toEqual(["usage.missing_argument", "Add --file"]);
    const two = { ...release, artifacts: release.artifacts.filter(({ filename }) => filename.endsWith(".deb")) };
    const chosen = chooseArtifact(two, { platform: "linux", variant: null, filename: null });
    expect("refused" in chosen && chosen.refused[0].hints).toEqual(["Add --variant"]);
  });

  it("names what there is where nothing fits, and not without end", () => {
    expect(choose("windows")).toEqual([
      "dist.artifact.not_found",
      "It has: linux x64 acme.deb · linux x64 acme.AppImage · linux arm64 acme-arm.deb · ios - acme.ipa",
    ]);
    expect(choose("ios", "x64")).toHaveLength(2);
    const many = releaseOf({ version: "1", files: Array.from({ length: 30 }, (_, i) => file("web", `${i}.zip`)) });
    const refused = chooseArtifact(many, { platform: "ios", variant: null, filename: null });
    expect("refused" in refused && refused.refused[0].data["choices"]).toHaveLength(21);
    expect("refused" in refused && refused.refused[0].hints[0]).toContain("and 10 more");
  });
});
