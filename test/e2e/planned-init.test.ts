import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { makeSandbox } from "../support/sandbox.ts";

it("says what init would make and leaves nothing behind, not even a memory of it", async () => {
  const sandbox = makeSandbox();
  const planned = await sandbox.json("waybill", "init", "notes.git", "--approver", "alice", "--dry-run");
  expect(planned).toMatchObject({ ok: true, result: { planned: true, root: null } });
  expect(existsSync(sandbox.path("notes.git"))).toBe(false);
  const made = await sandbox.json("waybill", "init", "notes.git", "--approver", "alice");
  expect(made).toMatchObject({ ok: true, result: { created: ["waybill/state", "waybill/decisions"] } });
  const listed = await sandbox.json("waybill", "gate", "list", "--server", "notes.git");
  expect(listed).toMatchObject({ ok: true });
});

it("writes nothing where an earlier init broke off between the two branches", async () => {
  const sandbox = makeSandbox();
  await sandbox.json("waybill", "init", "notes.git", "--approver", "alice");
  sandbox.git("-C", "notes.git", "update-ref", "-d", "refs/heads/waybill/decisions");
  Object.assign(sandbox.env, { XDG_CACHE_HOME: sandbox.path("fresh-cache") });
  await sandbox.json("waybill", "init", "notes.git", "--approver", "alice", "--dry-run");
  expect(sandbox.git("-C", "notes.git", "for-each-ref", "refs/heads/waybill/decisions")).toBe("");
});

it("takes the key that is called as the first approver, where there are several", async () => {
  const sandbox = makeSandbox();
  for (const name of ["alice", "bob"]) await sandbox.json("waybill", "keys", "new", name, "--no-passphrase");
  const made = await sandbox.json("waybill", "init", "notes.git", "--approver", "bob");
  expect(made).toMatchObject({ result: { key: { person: "bob" } } });
  expect(JSON.stringify(made)).toMatch(/"source":"[^"]*bob(?:\.pub)?"/);
});
