import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openNativeStore } from "../../../../src/platform/git/native-store.ts";
import { STATE } from "../../../../src/state/branches.ts";
import { importState } from "../../../../src/state/hand-over/import.ts";
import { git } from "../../../support/git-repo.ts";
import { empty, exported, published } from "../../../support/hand-over-world.ts";

/** Settings that name a program. The last line is for a network, which nothing here needs. */
const SETTINGS = `
  core.fsmonitor core.pager core.editor core.alternateRefsCommand uploadpack.packObjectsHook
  diff.external diff.x.command diff.x.textconv filter.x.clean filter.x.smudge filter.x.process
  merge.x.driver gpg.program gpg.ssh.program gpg.ssh.defaultKeyCommand pager.log sequence.editor
  core.sshCommand core.askPass credential.helper remote.origin.uploadpack remote.origin.receivepack`;
const HOOKS =
  "pre-receive update post-update post-receive reference-transaction post-index-change pre-push pre-auto-gc";

test("no program that a repository's configuration names is started to read, write or hand it over", async () => {
  const on = await published();
  const marker = join(on.folder, "started");
  const program = join(on.folder, "program");
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${marker}'\nexit 1\n`, { mode: 0o755 });
  const hooks = join(on.location, "hooks");
  mkdirSync(hooks, { recursive: true });
  for (const hook of HOOKS.split(" ")) execFileSync("cp", [program, join(hooks, hook)]);
  for (const name of SETTINGS.trim().split(/\s+/)) git(on.location, ["config", name, program]);
  git(on.location, ["config", "remote.origin.url", join(on.folder, "elsewhere.git")]);
  mkdirSync(join(on.location, "info"), { recursive: true });
  writeFileSync(join(on.location, "info", "attributes"), "* diff=x filter=x merge=x\n");

  await on.world.release("2.0.0", {}, "another");
  const store = await openNativeStore({ location: on.location, env: on.env });
  const tip = await store.head(STATE);
  for await (const commit of store.log(null, tip!)) expect(commit.commit).toMatch(/^[0-9a-f]{40}$/);
  for await (const { path } of store.diff(null, tip!)) expect(path).not.toBe("");
  await store.close();
  const out = join(on.folder, "all.zip");
  await exported(on, "all", out);
  const to = await empty(on, "copy");
  expect(await importState(to.ground(), out, false)).toMatchObject({ unchanged: false });
  expect(existsSync(marker)).toBe(false);
  expect(() => git(on.location, ["fetch", "origin"])).toThrow("fetch");
  expect(existsSync(marker)).toBe(true);
});
