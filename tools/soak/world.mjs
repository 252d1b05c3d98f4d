// The ground of a soak: a bare repository, a server before it, people's machines, and writers who work on it in different ways.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { git, runProgram } from "./programs.mjs";

const HOWS = ["path", "http", "clone"];

/** Environment of a person's machine: a home of its own, and nothing of anybody's git. */
function machineOf(folder, person) {
  const home = join(folder, "machines", person);
  mkdirSync(join(home, "config", "waybill", "keys"), { recursive: true });
  return {
    ...{ PATH: process.env.PATH, HOME: home, LANG: "C.UTF-8" },
    ...{ XDG_CACHE_HOME: join(home, "cache"), XDG_CONFIG_HOME: join(home, "config") },
    ...{ GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", GIT_TERMINAL_PROMPT: "0" },
    ...{ DIST_LOCAL_STORE: join(folder, "store"), WAYBILL_KEY: join(folder, "alice") },
  };
}

/** Makes the repository with one person who may decide alone, and one app. */
export async function makeWorld(folder) {
  const repository = join(folder, "repo.git");
  const env = machineOf(folder, "founder");
  const sure = async (...line) => {
    const { exit, answer, stderr } = await runProgram(line, { cwd: folder, env: { ...env, ...authorOf("founder") } });
    if (exit !== 0) throw new Error(`${line.join(" ")}: ${stderr || JSON.stringify(answer)}`);
  };
  await sure("waybill", "keys", "new", "alice", "--no-passphrase");
  for (const end of ["", ".pub"])
    copyFileSync(join(env.XDG_CONFIG_HOME, "waybill", "keys", `alice${end}`), `${env.WAYBILL_KEY}${end}`);
  await sure("waybill", "init", repository, "--approver", "alice", "--key", `${env.WAYBILL_KEY}.pub`);
  for (const [name, value] of [
    ["http.receivepack", "true"],
    ["uploadpack.allowFilter", "true"],
    ["receive.autogc", "false"],
  ])
    await git(repository, env, "config", name, value);
  await sure("dist", "app", "create", "acme", "--name", "Acme", "--server", repository);
  return { folder, repository, env: { ...env, DIST_SERVER: repository } };
}

/** Who a commit is by: a name of its own for each command that is run, so that what it did can be told apart. */
export const authorOf = (name) => ({
  ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: `${name}@soak.example` },
  ...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: `${name}@soak.example` },
});

/** Writers by path, over HTTP and in clones of it, two people between them; every fourth through the driver without git. */
export async function makeWriters({ folder, repository }, url, count, hasPortable) {
  const writers = [];
  for (let i = 0; i < count; i += 1) {
    const how = HOWS[i % HOWS.length];
    const env = machineOf(folder, `person-${i % 2}`);
    if (hasPortable && i % 4 === 3) env.WAYBILL_DRIVER = "portable";
    const clone = join(folder, `clone-${i}`);
    if (how === "clone") await git(folder, env, "clone", "--quiet", `${url}/repo.git`, clone);
    const server = { path: repository, http: `${url}/repo.git`, clone }[how];
    writers.push({ name: `w${i}`, how, driver: env.WAYBILL_DRIVER ?? "native", env: { ...env, DIST_SERVER: server } });
  }
  return writers;
}

/** A manifest of one small file in a folder of its own. */
export function manifestIn(folder, version, content) {
  const build = join(folder, "builds", version);
  if (!existsSync(build)) {
    mkdirSync(build, { recursive: true });
    writeFileSync(join(build, "a.bin"), content);
    const artifacts = [{ platform: "linux", path: "a.bin" }];
    writeFileSync(join(build, "dist.json"), JSON.stringify({ app: "acme", version, channel: "internal", artifacts }));
  }
  return join(build, "dist.json");
}
