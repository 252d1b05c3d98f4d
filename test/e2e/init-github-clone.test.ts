import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { startAcme } from "../github/acme.ts";
import { makeSandbox } from "../support/sandbox.ts";

const PIN = `acme-tools/waybill@${"1".repeat(40)}`;
const run = promisify(execFile);

it("sets up a clone of a repository on GitHub by git, so that doctor finds nothing broken once it is committed", async () => {
  const acme = await startAcme({ clock: () => new Date() });
  const { github, repo, tokens } = acme;
  onTestFinished(() => github.stop());
  const { DIST_SERVER: _, ...reach } = acme.env(tokens.alice);
  const sandbox = makeSandbox(reach);
  const git = (...argv: readonly string[]) => run("git", argv, { cwd: sandbox.folder, env: sandbox.env });
  const address = new URL(`${github.serverUrl}/acme/notes.git`);
  [address.username, address.password] = ["alice", tokens.alice];
  await git("clone", "--quiet", address.href, "notes");
  const init = ["init", "--server", "./notes", "--github", "--approver", "alice"];

  const planned = await sandbox.json("waybill", ...init, "--apply", "--dry-run");
  expect(planned).toMatchObject({ exit: 0, result: { planned: true, github: { branches_there: false } } });
  expect([await repo.ref("refs/heads/waybill/state"), repo.features.rulesets]).toEqual([null, []]);

  const made = await sandbox.json("waybill", ...init, "--apply", "--actions", PIN);
  expect(made).toMatchObject({
    exit: 0,
    result: {
      proof: "recorded",
      github: { branches_there: true, rulesets: [{ status: "created" }, { status: "created" }] },
    },
  });
  expect((await git("-C", "notes", "status", "--porcelain")).stdout).toBe("?? .github/\n?? .waybill.json\n");

  await git("-C", "notes", "add", ".");
  await git("-C", "notes", "commit", "--quiet", "--message", "Set up Waybill");
  await git("-C", "notes", "push", "--quiet", "origin", "HEAD");
  const examined = await sandbox.json("waybill", "doctor", "--server", "./notes");
  expect(examined).toMatchObject({ exit: 0, result: { fail: 0, unknown: 0 } });
  // What no merge of a pull request brought is refused by GitHub itself.
  const pushed = git("-C", "notes", "push", "--quiet", "origin", "HEAD:waybill/decisions", "--force");
  await expect(pushed).rejects.toThrow(/pull request|force-push/);
});
