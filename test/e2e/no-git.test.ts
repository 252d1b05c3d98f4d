import { expect, it } from "vitest";
import { serveGit } from "../support/http-git-server.ts";
import { makeSandbox, type Sandbox } from "../support/sandbox.ts";

/** A machine on which no program can be found, and one that shares its files and has git. */
function machines() {
  const machine = makeSandbox();
  const DIST_SERVER = machine.path("repo.git");
  const shared = { DIST_SERVER, DIST_LOCAL_STORE: machine.path("store") };
  Object.assign(machine.env, shared, { PATH: machine.path("no-programs") });
  const sure = async (exit: number, program: string, ...argv: readonly string[]) => {
    const answer = await machine.json(program, ...argv);
    const said = answer["exit"] === exit ? null : answer["error"];
    expect([argv.join(" "), answer["exit"], said]).toEqual([argv.join(" "), exit, null]);
    return answer["result"];
  };
  return { machine, repository: DIST_SERVER, sure };
}

function manifest(machine: Sandbox, version: string): string {
  machine.write(`${version}/a.bin`, `bytes of ${version}`);
  const artifacts = [{ platform: "linux", path: "a.bin" }];
  return machine.write(`${version}/dist.json`, JSON.stringify({ app: "acme", version, artifacts }));
}

it("does the whole job where there is no git, by path and over HTTP", { timeout: 180_000 }, async () => {
  const { machine, repository, sure } = machines();
  await sure(0, "waybill", "keys", "new", "alice", "--no-passphrase");
  const key = machine.path("config", "waybill", "keys", "alice.pub");
  await sure(0, "waybill", "init", repository, "--approver", "alice", "--key", key);
  await sure(0, "dist", "app", "create", "acme", "--name", "Acme");
  await sure(0, "dist", "ci", "publish", "--manifest", manifest(machine, "1.0.0"));
  const opened = await sure(3, "dist", "release", "promote", "acme@1.0.0", "--channel", "stable", "--reason", "test");
  const id = /prop_\w+/.exec(JSON.stringify(opened))?.[0] ?? "";
  await sure(0, "waybill", "gate", "approve", id);
  await sure(0, "waybill", "gate", "merge", id);
  await sure(0, "waybill", "gate", "sync");
  expect(JSON.stringify(await sure(0, "dist", "channel", "show", "stable", "--app", "acme"))).toContain("1.0.0");
  const server = await serveGit(machine.folder);
  const git = { PATH: process.env["PATH"] };
  const plain = (...argv: readonly string[]) => {
    const { PATH } = machine.env;
    Object.assign(machine.env, git);
    const said = machine.git("-C", repository, ...argv);
    Object.assign(machine.env, { PATH });
    return said;
  };
  plain("config", "http.receivepack", "true");
  const url = `${server.url}/repo.git`;
  await sure(0, "dist", "ci", "publish", "--manifest", manifest(machine, "1.1.0"), "--server", url);
  expect(JSON.stringify(await sure(0, "dist", "release", "list", "--app", "acme", "--server", url))).toContain("1.1.0");
  await server.stop();
  expect(await sure(0, "waybill", "state", "verify")).toMatchObject({ status: "verified" });
  expect(plain("fsck", "--strict", "--full")).not.toMatch(/error|missing|corrupt/);
  expect(plain("rev-list", "--count", "--merges", "waybill/decisions").trim()).toBe("1");
  // What needs git says so.
  const refused = await machine.json("dist", "release", "list", "--app", "acme", "--driver", "native");
  expect(refused).toMatchObject({ exit: 1, error: { code: "state.repository.unsupported" } });
  const { stderr } = await machine.run("dist", "release", "list", "--app", "acme", "--verbose");
  expect(stderr).toContain("driver portable: no git");
});
