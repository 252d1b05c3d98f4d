// Makes archives of real app bundles, the same bytes every time: an IPA of the app that detox ships inside a bzip2 tar, and a zip and a
// tar.gz of the macOS app that node-notifier ships. Needs the development packages. `node tools/sample-ipa.mjs` prints the paths as JSON.
import { createWriteStream, existsSync, mkdirSync, readFileSync, realpathSync, renameSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { TarArchive, ZipArchive } from "archiver";
import { unpackTar } from "modern-tar";
import Bunzip from "seek-bzip";
import { cache, samples } from "./samples.mjs";

/** Times before 1980 do not fit into a zip. */
const DATE = new Date("1980-01-01T00:00:00Z");
/** Raised when the archives are made in another way, so that old ones are made again. */
const RECIPE = 1;

/** Name of an archive to the sample it is made of, the folder in it, and what the folder is called in the archive. */
const ARCHIVES = {
  "detox-runner.ipa": {
    of: "detox-xcuitest.tbz",
    app: "DetoxXCUITestRunnerApp.app",
    to: "Payload/",
    unpack: Bunzip.decode,
    make: zip,
  },
  "terminal-notifier.zip": {
    of: "node-notifier.tgz",
    app: "terminal-notifier.app",
    to: "",
    unpack: gunzipSync,
    make: zip,
  },
  "terminal-notifier.tar.gz": {
    of: "node-notifier.tgz",
    app: "terminal-notifier.app",
    to: "",
    unpack: gunzipSync,
    make: tarGz,
  },
};

/**
 * Makes sure that the archives lie in the cache, and answers name to path.
 * @param {readonly string[]} [names] default: all
 * @returns {Promise<Record<string, string>>}
 */
export async function sampleArchives(names = Object.keys(ARCHIVES)) {
  const paths = {};
  for (const name of names) paths[name] = await archive(name);
  return paths;
}

async function archive(name) {
  const { of, app, to, unpack, make } = ARCHIVES[name];
  const path = join(cache, `made-${RECIPE}`, name);
  if (existsSync(path)) return path;
  const entries = await unpackTar(new Uint8Array(unpack(readFileSync(samples([of])[of]))));
  const files = entries
    .filter(
      ({ header }) => header.type === "file" && header.name.includes(`${app}/`) && !/(?:^|\/)\._/.test(header.name),
    )
    .map(({ header, data }) => ({
      name: to + header.name.slice(header.name.indexOf(`${app}/`)),
      mode: header.mode,
      data,
    }))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  if (files.length === 0) throw new Error(`${of} holds no ${app}`);
  mkdirSync(join(cache, `made-${RECIPE}`), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await write(make(), files, temporary);
  renameSync(temporary, path);
  return path;
}

function zip() {
  return new ZipArchive({ zlib: { level: 9 } });
}

function tarGz() {
  return new TarArchive({ gzip: true, gzipOptions: { level: 9 } });
}

async function write(made, files, path) {
  const written = pipeline(made, createWriteStream(path));
  for (const { name, mode, data } of files) {
    made.append(Buffer.from(data ?? []), { name, date: DATE, mode: (mode & 0o111) === 0 ? 0o644 : 0o755 });
  }
  await Promise.all([made.finalize(), written]);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${JSON.stringify(await sampleArchives(), null, 2)}\n`);
}
