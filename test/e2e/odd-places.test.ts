import { chmodSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Ground, makeGround, verified } from "../support/many-machines.ts";
import { errorOf } from "../support/tampering-checks.ts";

/** Makes an app through a place, and answers exit, error code and warnings. */
async function create(ground: Ground, app: string, server: string) {
  const answer = await ground.machine.json("dist", "app", "create", app, "--name", "App", "--server", server);
  const warnings = Array.isArray(answer["warnings"]) ? answer["warnings"].length : -1;
  return { exit: answer["exit"], code: errorOf(answer)["code"], warnings };
}

const done = { exit: 0, code: undefined, warnings: 0 };

describe("places that are not as they should be", () => {
  it.each(["with space.git", "ünï ✓.git", "-dash.git", "'quoted $(x).git"])(
    "work in a repository called %s",
    async (name) => {
      const ground = await makeGround();
      renameSync(ground.repository, ground.machine.path(name));
      expect(await create(ground, "one", `./${name}`)).toEqual(done);
      ground.machine.git("clone", "--quiet", `./${name}`, "clone of it");
      expect(await create(ground, "two", "./clone of it")).toEqual(done);
      ground.machine.env["DIST_SERVER"] = `./${name}`;
      expect(await verified(ground)).toEqual([0, null]);
    },
  );

  it("follow a remote that moved, and two clones that take turns", async () => {
    const ground = await makeGround();
    for (const clone of ["a", "b"]) ground.machine.git("clone", "--quiet", ground.repository, clone);
    for (const [i, clone] of ["a", "b", "a", "b"].entries())
      expect(await create(ground, `app-${i}`, `./${clone}`)).toEqual(done);
    renameSync(ground.repository, ground.machine.path("moved.git"));
    expect(await create(ground, "lost", "./a")).toMatchObject({
      exit: expect.toSatisfy((exit) => exit !== 0 && exit !== 70) as unknown,
    });
    ground.machine.git("-C", "a", "remote", "set-url", "origin", ground.machine.path("moved.git"));
    expect(await create(ground, "found", "./a")).toEqual(done);
  });

  it("run no hook of a clone, and say what a hook of the remote refused", async () => {
    const ground = await makeGround();
    ground.machine.git("clone", "--quiet", ground.repository, "clone");
    const hook = (name: string, script: string) =>
      chmodSync(ground.machine.write(name, `#!/bin/sh\n${script}\n`), 0o755);
    mkdirSync(ground.machine.path("ran"));
    for (const name of ["pre-push", "reference-transaction", "post-checkout", "pre-commit"])
      hook(`hooks/${name}`, `touch ${ground.machine.path("ran", name)}; exit 1`);
    ground.machine.git("-C", "clone", "config", "core.hooksPath", ground.machine.path("hooks"));
    expect(await create(ground, "one", "./clone")).toEqual(done);
    expect(readdirSync(ground.machine.path("ran"))).toEqual([]);
    hook("repo.git/hooks/pre-receive", "exit 1");
    expect(await create(ground, "two", "./clone")).toMatchObject({ exit: 1, code: "state.push.protected" });
  });

  it("warn once without a home, and refuse a cache that others may write to", async () => {
    const ground = await makeGround();
    const { env } = ground.machine;
    const cache = ground.machine.path("cache", "waybill");
    for (const name of readdirSync(cache)) chmodSync(join(cache, name), 0o777);
    expect(await create(ground, "one", ground.repository)).toMatchObject({ exit: 1, code: "file.not_permitted" });
    delete env["XDG_CACHE_HOME"];
    delete env["HOME"];
    expect(await create(ground, "two", ground.repository)).toEqual({ ...done, warnings: 1 });
  });
});
