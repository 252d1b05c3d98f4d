import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { makeSandbox } from "../support/sandbox.ts";

it("pins the root in the code, and refuses another root on a machine that has never seen the repository", async () => {
  const sandbox = makeSandbox();
  sandbox.git("init", "--quiet", "--bare", "code.git");
  sandbox.git("clone", "--quiet", "code.git", "alice");
  sandbox.write("alice/main.txt", "code\n");
  sandbox.git("-C", "alice", "add", ".");
  sandbox.git("-C", "alice", "commit", "--quiet", "-m", "code");
  sandbox.git("-C", "alice", "push", "--quiet", "origin", "HEAD:main");
  const made = await sandbox.json("waybill", "init", "alice", "--approver", "alice");
  expect(made).toMatchObject({
    ok: true,
    result: { created: ["waybill/state", "waybill/decisions", ".waybill.json"] },
  });
  const again = await sandbox.json("waybill", "init", "alice");
  expect(again).toMatchObject({ ok: true, result: { created: [] } });
  const pinned: unknown = JSON.parse(readFileSync(sandbox.path("alice", ".waybill.json"), "utf8"));
  const root = sandbox.git("-C", "alice", "rev-list", "--max-parents=0", "refs/heads/waybill/decisions").trim();
  expect(pinned).toEqual({ schema: "waybill-config.v1", root });

  // Somebody founds other decisions of the same form; whoever has the code finds out without any memory.
  const mallory = makeSandbox({ XDG_CONFIG_HOME: sandbox.path("mallory-config") });
  mallory.git("init", "--quiet", "--bare", "other.git");
  await mallory.json("waybill", "init", "other.git", "--approver", "alice");
  sandbox.git(
    "-C",
    "alice",
    "fetch",
    "--quiet",
    mallory.path("other.git"),
    "+refs/heads/waybill/*:refs/heads/waybill/*",
  );
  const fresh = { ...sandbox.env, XDG_CACHE_HOME: sandbox.path("fresh-cache") };
  Object.assign(sandbox.env, fresh);
  const read = await sandbox.json("waybill", "gate", "list", "--server", "alice");
  expect(read).toMatchObject({ ok: false, exit: 1, error: { code: "state.root.mismatch" } });
});
