import { execFileSync, spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { isData } from "../../../src/kernel/json.ts";
import { validationStatus, type Inspection } from "../../../src/inspect/inspection.ts";
import { inProcessIntake } from "../../../src/platform/intake/in-process.ts";

/** Runs a tool of the project that prints names and paths. */
function pathsFrom(tool: string): ReadonlyMap<string, string> {
  const printed: unknown = JSON.parse(
    execFileSync(process.execPath, [tool], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }),
  );
  return new Map(
    Object.entries(isData(printed) ? printed : {}).map(([name, path]) => [name, typeof path === "string" ? path : ""]),
  );
}

let paths: ReadonlyMap<string, string> = new Map();
const pathOf = (name: string) => paths.get(name) ?? name;
const inspect = async (name: string): Promise<Inspection> =>
  (await inProcessIntake().take(pathOf(name), null, () => undefined)).inspection;

beforeAll(() => {
  paths = new Map([...pathsFrom("tools/samples.mjs"), ...pathsFrom("tools/sample-ipa.mjs")]);
}, 180_000);

const verified = (v1: string | null, v3: string | null, certificate: string) => ({
  schemes: { v1, v2: "signature_verified", v3, v3_1: null },
  grade: "signature_verified",
  signers: [{ certificate_sha256: certificate }],
});
const APPIUM = "a40da80a59d170caa950cf15c18c454d47a39b26989d8b640ecd745ba71bf5dc";

describe("packages that others made", () => {
  it.each([
    [
      "settings.apk",
      "io.appium.settings",
      "8.0.10",
      "192",
      "API 26",
      35,
      27,
      verified(null, null, "680dbbc39ab0944796c811b636ace510c8e551317087036cebab0751b0a6190c"),
    ],
    [
      "uiautomator2-server.apk",
      "io.appium.uiautomator2.server",
      "10.6.6",
      "278",
      "API 26",
      34,
      9,
      verified("present", "signature_verified", APPIUM),
    ],
    [
      "uiautomator2-test.apk",
      "io.appium.uiautomator2.server.test",
      undefined,
      undefined,
      "API 26",
      34,
      0,
      verified("present", "signature_verified", APPIUM),
    ],
    [
      "api-demos.apk",
      "io.appium.android.apis",
      "5.0.0",
      "25",
      "API 17",
      33,
      14,
      verified("present", null, "18e8534fed30cbf9959e4073e723e3395a3f92fd6b41756d5fbc788f280c1107"),
    ],
  ])("reads %s", async (name, identity, version, build, minimumOs, target, permissions, signature) => {
    const { kind, facts, checks } = await inspect(name);
    expect(kind).toBe("apk");
    expect(facts).toMatchObject({ identity, minimum_os: minimumOs, target_sdk: target, signature });
    expect([facts["version"], facts["build"]]).toEqual([version, build]);
    expect(facts["permissions"]).toHaveLength(permissions);
    expect(validationStatus(checks)).toBe("passed");
  });

  it("reads an app that was built for the simulator", async () => {
    const { kind, facts, checks } = await inspect("detox-runner.ipa");
    expect(kind).toBe("ipa");
    expect(facts).toMatchObject({
      identity: "com.wix.DetoxXCUITestRunnerApp",
      version: "1.0",
      build: "1",
      minimum_os: "iOS 14.0",
      architectures: ["x86_64", "arm64"],
      simulator: true,
      install_mode: "artifact_only",
      profile: null,
    });
    expect(checks.filter((check) => check.status === "warning").map((check) => check.id)).toEqual([
      "ipa.simulator",
      "ipa.profile",
    ]);
  });

  it("reads Windows programs, one signed and one not", async () => {
    const signed = await inspect("snoretoast.exe");
    expect(signed.kind).toBe("exe");
    expect(signed.facts).toMatchObject({
      architectures: ["x64"],
      signature: {
        grade: "digest_verified",
        digest_algorithm: "sha256",
        claimed_signers: [{ subject: "C=DE, L=Berlin, O=K Desktop Environment e.V., CN=K Desktop Environment e.V." }],
      },
    });
    expect((await inspect("notifu.exe")).facts).toMatchObject({
      version: "1.7",
      name: "Notifu",
      signature: { grade: "unsigned" },
    });
  });

  it("reads a macOS app that is not signed", async () => {
    const { kind, facts, checks } = await inspect("terminal-notifier.zip");
    expect(kind).toBe("mac_app");
    expect(facts).toMatchObject({
      identity: "nl.superalloy.oss.terminal-notifier",
      architectures: ["x86_64"],
      code_signature: "unsigned",
    });
    expect(validationStatus(checks)).toBe("warning");
  });

  it.each([
    ["terminal-notifier.tar.gz", "tar_gz"],
    ["node-notifier.tgz", "tar_gz"],
  ])("reads %s", async (name, kind) => {
    const inspection = await inspect(name);
    expect(inspection.kind).toBe(kind);
    expect(validationStatus(inspection.checks)).toBe("passed");
  });
});

const APKS = ["settings.apk", "uiautomator2-server.apk", "uiautomator2-test.apk", "api-demos.apk"];
/** Tools of Android that judge the same files. */
const AAPT = "aapt";
const APKSIGNER = "apksigner";
const has = (tool: string) => spawnSync(tool, ["version"]).error === undefined;
const note = (tool: string) => (has(tool) ? "" : " (NOT CHECKED: it is not installed)");

describe.skipIf(!has(AAPT))(`agreement with aapt${note(AAPT)}`, () => {
  it.each(APKS)("on %s", async (name) => {
    const badging = execFileSync(AAPT, ["dump", "badging", pathOf(name)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const all = (pattern: RegExp) => [...badging.matchAll(pattern)].map((match) => match[1]);
    const one = (pattern: RegExp) => all(pattern)[0] ?? "";
    const implied = all(/^uses-implied-permission: name='([^']+)'/gm);
    const orNull = (value: string) => (value === "" ? null : value);
    const number = (value: string) => (value === "" ? null : Number(value));
    expect((await inspect(name)).facts).toMatchObject({
      package: one(/^package: name='([^']*)'/gm),
      version_code: number(one(/ versionCode='([^']*)'/g)),
      version_name: orNull(one(/ versionName='([^']*)'/g)),
      min_sdk: number(one(/^sdkVersion:'([^']*)'/gm)),
      target_sdk: number(one(/^targetSdkVersion:'([^']*)'/gm)),
      permissions: all(/^uses-permission: name='([^']+)'/gm).filter((permission) => !implied.includes(permission)),
    });
  });
});

describe.skipIf(!has(APKSIGNER))(`agreement with apksigner${note(APKSIGNER)}`, () => {
  it.each(
    APKS.flatMap(
      (name) =>
        [
          [name, "v2", "24", "27"],
          [name, "v3", "28", "33"],
        ] as const,
    ),
  )(
    "on %s, scheme %s",
    async (name, scheme, from, to) => {
      const args = ["verify", "-v", "--print-certs", "--min-sdk-version", from, "--max-sdk-version", to, pathOf(name)];
      const output = execFileSync(APKSIGNER, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
      const isVerified = new RegExp(`Verified using ${scheme} scheme [^:]*: true`).test(output);
      const [, certificate] = /certificate SHA-256 digest: ([0-9a-f]{64})/.exec(output) ?? [];
      const signature = {
        schemes: { [scheme]: isVerified ? "signature_verified" : null },
        signers: [{ certificate_sha256: certificate }],
      };
      expect((await inspect(name)).facts).toMatchObject({ signature });
    },
    60_000,
  );
});
