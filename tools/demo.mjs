// The whole story of Waybill on real artifacts, as users would type it: `npm run demo`, or `npm run demo -- --dir <folder>` to keep
// what it makes. With `--github` it happens on GitHub, for which the stand-in of the tests serves. Everything happens in one folder with
// a home of its own; nothing of the user's is read or written, and nothing leaves this machine.
import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { story } from "./demo-story.mjs";
import { startStandIn } from "./stand-in.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A command that did not do what the story says. */
class Unexpected extends Error {}

/** Splits a command line as a shell would: spaces, double quotes, nothing else. */
function wordsOf(line) {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);
}

function environmentOf(folder, person, github) {
  const home = join(folder, ".home", person);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, ".gitconfig"), `[user]\n\tname = ${person}\n\temail = ${person}@acme.example\n`);
  return {
    PATH: process.env.PATH,
    HOME: home,
    USERPROFILE: home,
    XDG_CACHE_HOME: join(home, "cache"),
    XDG_CONFIG_HOME: join(home, "config"),
    GIT_CONFIG_NOSYSTEM: "1",
    LC_ALL: "C.UTF-8",
    // The account is read by people, so tables look as they do on a terminal.
    WAYBILL_COLUMNS: "110",
    ...(github === null ? { DIST_SERVER: "./repo.git", DIST_LOCAL_STORE: "./store" } : githubOf(github, person)),
  };
}

/** Everyone reaches the repository, who is nobody there without a token. */
function githubOf({ people }, person) {
  const { GITHUB_TOKEN, ...where } = people[person] ?? people.alice;
  return person in people ? { ...where, GITHUB_TOKEN } : where;
}

/** What a person does on GitHub's pages, through the API that the pages use. */
function browserOf({ apiUrl, people }) {
  return async (person, method, path, body) => {
    const headers = { authorization: `Bearer ${people[person].GITHUB_TOKEN}`, "content-type": "application/json" };
    const answer = await fetch(`${apiUrl}/repos/acme/notes/${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Unexpected(`${method} ${path} as ${person}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
}

/** What the story is told with: headings, sentences, and commands whose outcome is checked. */
function stageIn(folder, github) {
  const write = (text) => process.stdout.write(text);
  mkdirSync(join(folder, ".home"));
  const spawned = (person, line, stdio) => {
    const [program, ...args] = wordsOf(line);
    const bundled = join(root, "dist", "bin", `${program}.cjs`);
    const argv = existsSync(bundled) ? [process.execPath, bundled, ...args] : [program, ...args];
    const env = environmentOf(folder, person, github);
    const done = spawnSync(argv[0], argv.slice(1), { cwd: folder, env, encoding: "utf8", stdio });
    if (done.error) throw done.error;
    return done;
  };
  const expectExit = (line, { status }, exit, text) => {
    if (status !== exit) throw new Unexpected(`"${line}" ended with exit ${status} instead of ${exit}\n${text}`);
  };
  /** Runs a command as a person and shows it; both streams go to one file, so that they stay in order. */
  const run = (person, line, { exit = 0, says = [], only = /^/ } = {}) => {
    const path = join(folder, ".home", "output");
    const output = openSync(path, "w");
    const done = spawned(person, line, ["ignore", output, output]);
    closeSync(output);
    const text = readFileSync(path, "utf8");
    const shown = text.split("\n").filter((row) => row !== "" && only.test(row));
    write(
      `${person} $ ${line}\n${shown.map((row) => `  ${row}\n`).join("")}${exit === 0 ? "" : `  (exit ${done.status})\n`}`,
    );
    expectExit(line, done, exit, text);
    for (const wanted of [says].flat()) {
      if (!text.includes(wanted)) throw new Unexpected(`"${line}" does not say "${wanted}"`);
    }
  };
  /** The result of a command with --json, not shown. */
  const ask = (person, line) => {
    const done = spawned(person, `${line} --json`, "pipe");
    expectExit(line, done, 0, done.stdout + done.stderr);
    return JSON.parse(done.stdout).result;
  };
  return {
    folder,
    github: github === null ? null : { ...github, browse: browserOf(github) },
    heading: (text) => write(`\n== ${text}\n\n`),
    tell: (text) => write(`${text}\n`),
    run,
    ask,
    expect: (isSo, what) => {
      if (!isSo) throw new Unexpected(what);
    },
  };
}

/** Reads the flags. Throws {@link Unexpected} with the usage. */
function flagsFrom(argv) {
  const rest = argv.filter((word) => word !== "--github");
  const [flag, given, ...more] = rest;
  if (
    argv.length - rest.length > 1 ||
    (flag !== undefined && (flag !== "--dir" || given === undefined || more.length > 0))
  )
    throw new Unexpected("Usage: npm run demo -- [--github] [--dir <folder>]");
  return { isOnGithub: rest.length < argv.length, ...folderFrom(given) };
}

function folderFrom(given) {
  if (given === undefined) return { folder: mkdtempSync(join(realpathSync(tmpdir()), "waybill-demo-")), keep: false };
  // npm runs scripts in the package's folder; a relative path is meant where the user stands.
  const folder = resolve(process.env.INIT_CWD ?? ".", given);
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0) throw new Unexpected(`${folder} is not empty; name a new folder`);
  return { folder: realpathSync(folder), keep: true };
}

async function main(argv) {
  const { isOnGithub, folder, keep } = flagsFrom(argv);
  const github = isOnGithub ? await startStandIn() : null;
  try {
    await story(stageIn(folder, github));
    process.stdout.write(
      keep
        ? `\nEverything lies in ${folder}\n`
        : "\nThe folder of this demo is removed; npm run demo -- --dir <folder> keeps it.\n",
    );
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true });
    await github?.stop();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Unexpected)) throw error;
  process.stderr.write(`\nThe demo stopped: ${error.message}\n`);
  process.exitCode = 1;
}
