// Fetches real artifacts that nobody on the project made, for tests and the demo: npm packages at exact versions, checked against
// recorded digests, kept under node_modules/.cache. `node tools/samples.mjs` prints their paths as JSON.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where samples lie. */
export const cache = join(root, "node_modules", ".cache", "waybill-samples");

/** File name in the cache: the package it comes from, the package's integrity, the file in it and its SHA-256. */
const SAMPLES = {
  "settings.apk": {
    from: "io.appium.settings@8.0.10",
    integrity: "sha512-hvCl6u2QMrggrOohOy9pDTFo0bIWn78Nxdvj57UoPoCSFrkP0a8y73a1GaV31x3IzPw6QIECakpznft1/2/3bA==",
    file: "package/apks/settings_apk-debug.apk",
    sha256: "4c5d60ab5ae56502857dc625e1dde2996fa6d9e64c479bbce59214774e2129dd",
  },
  "uiautomator2-server.apk": {
    from: "appium-uiautomator2-server@10.6.6",
    integrity: "sha512-Ae7mB19OcLkEBi/U/r9eKnCmCJHV5iNf2/HYYHstuP7iWGCTXj1WXfIC++7fBfGWdSZVDoWc6nJO8miZInE1Wg==",
    file: "package/apks/appium-uiautomator2-server-v10.6.6.apk",
    sha256: "8ff760a2a86b487f53090fbdcd5b0360e67d02bb811887d527a9557b0d59c80d",
  },
  "uiautomator2-test.apk": {
    from: "appium-uiautomator2-server@10.6.6",
    integrity: "sha512-Ae7mB19OcLkEBi/U/r9eKnCmCJHV5iNf2/HYYHstuP7iWGCTXj1WXfIC++7fBfGWdSZVDoWc6nJO8miZInE1Wg==",
    file: "package/apks/appium-uiautomator2-server-debug-androidTest.apk",
    sha256: "e6f729287d72351388fd66597c35b69988b9091a7011954bf92a55d416cb1e1c",
  },
  "api-demos.apk": {
    from: "android-apidemos@5.0.0",
    integrity: "sha512-MCYBijgV+12UZwOfSV91aRk5Z3LBuTbUlFsz3S6y+4rFbjTKphyvaoRAj7CT238tftzjPuuqx3SBGDPWP3R0LA==",
    file: "package/apks/ApiDemos-debug.apk",
    sha256: "5e59f42af4e89200fe33eb82a7c2a2a9224947a8aeb9af6e21b77d40827f7cbc",
  },
  "detox-xcuitest.tbz": {
    from: "detox@20.51.4",
    integrity: "sha512-tVes0sVV+jdr5Hp3XONRDtLqLvbTHZORfEAImY50MYdrUgtnrSHx8HsgqZqAuw3ulRdfp4kN6RH5P1s0Aoagng==",
    file: "package/Detox-ios-xcuitest.tbz",
    sha256: "2f40091f7754afde31a2dffb9127bbc94fe015d1d62a8ce0689210d823e5c7bf",
  },
  "node-notifier.tgz": {
    from: "node-notifier@10.0.1",
    integrity: "sha512-YX7TSyDukOZ0g+gmzjB6abKu+hTGvO8+8+gIFDsRCU2t8fLV/P2unmt+LGFaIa4y64aX98Qksa97rgz4vMNeLQ==",
    file: null,
    sha256: "5e75d1bb41696f3334481ec083204335e519920d292855cb6afb6b0e2d9afe9b",
  },
  "snoretoast.exe": {
    from: "node-notifier@10.0.1",
    integrity: "sha512-YX7TSyDukOZ0g+gmzjB6abKu+hTGvO8+8+gIFDsRCU2t8fLV/P2unmt+LGFaIa4y64aX98Qksa97rgz4vMNeLQ==",
    file: "package/vendor/snoreToast/snoretoast-x64.exe",
    sha256: "42d20792498514562cfd6fd8221b4abb59229e893073fc59fbfc83f884a2401b",
  },
  "notifu.exe": {
    from: "node-notifier@10.0.1",
    integrity: "sha512-YX7TSyDukOZ0g+gmzjB6abKu+hTGvO8+8+gIFDsRCU2t8fLV/P2unmt+LGFaIa4y64aX98Qksa97rgz4vMNeLQ==",
    file: "package/vendor/notifu/notifu64.exe",
    sha256: "782844f162bdd974197f2fcba5f0ddc19b68b03452724deade3b9e8581a707a2",
  },
};

/**
 * Makes sure that samples lie in the cache, and answers name to path.
 * @param {readonly string[]} [names] default: all
 * @returns {Record<string, string>}
 */
export function samples(names = Object.keys(SAMPLES)) {
  return Object.fromEntries(names.map((name) => [name, sample(name)]));
}

function sample(name) {
  const wanted = SAMPLES[name];
  if (wanted === undefined)
    throw new Error(`No sample is called ${name}; there are ${Object.keys(SAMPLES).join(", ")}`);
  const path = join(cache, name);
  if (existsSync(path) && sha256(readFileSync(path)) === wanted.sha256) return path;
  const tarball = fetchPackage(wanted);
  const bytes = wanted.file === null ? tarball : fileInTar(gunzipSync(tarball), wanted.file);
  if (sha256(bytes) !== wanted.sha256)
    throw new Error(`${wanted.file ?? wanted.from} is not the file that was recorded`);
  keep(path, bytes);
  return path;
}

/** One package may hold several samples, so its tarball is kept while the program runs. */
const tarballs = new Map();

/** Fetches the tarball of one npm package at an exact version; throws where its digest is not the recorded one. */
export function fetchPackage({ from, integrity }) {
  const known = tarballs.get(from);
  if (known !== undefined) return known;
  process.stderr.write(`Fetching sample ${from}\n`);
  const folder = join(cache, `fetch-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const { status, stdout, stderr, error } = spawnSync(
      process.execPath,
      [npmCli(), "pack", from, "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder],
      { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 },
    );
    if (error) throw error;
    if (status !== 0) throw new Error(`npm pack ${from} failed with ${status}: ${stderr.trim()}`);
    // Newer npm answers an object by package name, older npm a list.
    const [packed] = Object.values(JSON.parse(stdout));
    const bytes = readFileSync(join(folder, basename(packed.filename)));
    if (`sha512-${createHash("sha512").update(bytes).digest("base64")}` !== integrity) {
      throw new Error(`${from} is not the package that was recorded`);
    }
    tarballs.set(from, bytes);
    return bytes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** npm's own program: the one that runs us, else the one beside this Node. */
function npmCli() {
  const besideNode = [
    join(dirname(process.execPath), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    join(dirname(process.execPath), "node_modules", "npm", "bin", "npm-cli.js"),
    "/usr/share/nodejs/npm/bin/npm-cli.js",
    join(dirname(realpathSync(process.execPath)), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const found = [process.env.npm_execpath, ...besideNode].find(
    (path) => path?.endsWith("npm-cli.js") && existsSync(path),
  );
  if (found === undefined)
    throw new Error("npm was not found beside Node: run this with `npm exec -- node tools/samples.mjs`");
  return found;
}

/** Finds a file in a tarball of npm, which writes plain ustar headers; a long path lies in the prefix field. */
export function fileInTar(tar, wanted) {
  const text = (at, length) => tar.toString("utf8", at, at + length).replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const prefix = text(at + 345, 155);
    const name = (prefix === "" ? "" : `${prefix}/`) + text(at, 100);
    if (name === wanted) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`${wanted} is not in its package`);
}

function keep(path, bytes) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, path);
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${JSON.stringify(samples(), null, 2)}\n`);
}
