import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Acme, startAcme } from "../github/acme.ts";
import { approve, mergeAs, pushFiles, run } from "../github/people.ts";
import { filesOfAcme } from "../support/act.ts";
import { type Job, jobIn } from "../support/action-job.ts";
import { makeSandbox, type Sandbox } from "../support/sandbox.ts";

interface Stage {
  readonly acme: Acme;
  readonly sandbox: Sandbox;
  /** A job with the workflow's own token. */
  readonly job: Job;
  /** The same with a token of a person, as of an App: its events start workflows. */
  readonly as: (person: "alice" | "bob") => Job;
}

/** The stand-in with acme/notes, set up by alice through the action, and one published version. */
async function staged(): Promise<Stage> {
  const acme = await startAcme({ clock: () => new Date() });
  onTestFinished(() => acme.github.stop());
  acme.repo.features.settings.canApprove = true;
  await pushFiles(acme.github, acme.repo, "main", acme.people.alice, filesOfAcme());
  const sandbox = makeSandbox();
  const { apiUrl, serverUrl } = acme.github;
  const inputs = { "api-url": apiUrl, "server-url": serverUrl };
  // Who asks for a promotion is who started the run, as GitHub says it.
  const { id } = await run(acme.github, acme.repo, acme.people.carol, {
    path: ".github/workflows/waybill-publish.yml",
  });
  const jobOf = (token: string) => jobIn(sandbox, { inputs, token, sha: acme.code, runId: String(id) });
  const stage: Stage = {
    acme,
    sandbox,
    job: jobOf(acme.tokens.workflow),
    as: (person) =>
      jobIn(sandbox, {
        inputs: { ...inputs, "github-token": acme.tokens[person] },
        token: acme.tokens.workflow,
        sha: acme.code,
      }),
  };
  const init = await stage.as("alice").use("init", { approver: "alice", "github-login": "alice", apply: "true" });
  expect([init.exit, init.outputs["ok"]], init.log).toEqual([0, "true"]);
  mkdirSync(sandbox.path("build"), { recursive: true });
  writeFileSync(sandbox.path("build", "acme-notes-linux-x64.bin"), "the program\n");
  const argv = ["build/acme-notes-linux-x64.bin", "--app", "acme-notes", "--version", "1.4.0", "--channel", "internal"];
  const made = await sandbox.run("dist", "manifest", "init", ...argv);
  expect(made.exit, made.stderr).toBe(0);
  return stage;
}

const promotion = { release: "acme-notes@1.4.0", channel: "stable", reason: "1.4 test plan done" };

/** Workflows that were started by a dispatch. */
function dispatched({ github }: Acme): readonly string[] {
  return github.world.events.filter(({ name }) => name === "workflow_dispatch").map(({ name }) => name);
}

describe("actions on GitHub", () => {
  it("publish with the workflow token and no checkout, and link to the release", async () => {
    const { job, acme } = await staged();
    const published = await job.use("dist-publish");
    expect([published.exit, published.outputs["outcome"]], published.log).toEqual([0, "created"]);
    const page = `${acme.github.serverUrl}/acme/notes/releases/tag/acme-notes-v1.4.0`;
    expect(published.outputs).toMatchObject({ tag: "acme-notes-v1.4.0", url: page });
    expect(published.summary).toContain(`[Release](${page})`);
    expect(published.summary).toContain(`](${acme.github.serverUrl}/acme/notes/commit/${published.outputs["commit"]})`);
    const again = await job.use("dist-publish");
    expect([again.exit, again.outputs["outcome"]], again.log).toEqual([0, "unmodified"]);
  });

  it("propose as a pull request, start the sync themselves, and move when a person has merged", async () => {
    const { job, acme } = await staged();
    await job.use("dist-publish");
    const proposed = await job.use("dist-promote", promotion);
    const url = proposed.outputs["proposal-url"] ?? "";
    expect([proposed.exit, proposed.outputs["exit"], proposed.outputs["status"]], proposed.log).toEqual([
      0,
      "3",
      "proposed",
    ]);
    const number = Number(/\/pull\/(\d+)$/.exec(url)?.[1]);
    expect(proposed.commands).toMatchObject([{ name: "notice", data: `stable waits for #${number}` }]);
    expect(proposed.summary).toContain(`(${url})`);
    expect(dispatched(acme)).toHaveLength(1);
    await job.use("dist-promote", promotion);
    expect(dispatched(acme)).toHaveLength(1);

    await approve(acme.github, acme.repo, number, acme.people.alice);
    await mergeAs(acme.github, acme.repo, number, acme.people.alice);
    const synced = await job.use("gate-sync");
    expect([synced.exit, synced.outputs["recorded"], synced.outputs["open"]], synced.log).toEqual([0, "1", "0"]);
    const moved = await job.use("dist-promote", promotion);
    expect([moved.exit, moved.outputs["exit"], moved.outputs["status"]], moved.log).toEqual([0, "0", "unchanged"]);
    const verified = await job.use("state-verify");
    expect([verified.exit, verified.outputs["status"]], verified.log).toEqual([0, "verified"]);
  });

  it("start nothing where the events of their token do", async () => {
    const { job, as, acme } = await staged();
    await job.use("dist-publish");
    const proposed = await as("bob").use("dist-promote", promotion);
    expect([proposed.exit, proposed.outputs["status"]], proposed.log).toEqual([0, "proposed"]);
    expect(dispatched(acme)).toEqual([]);
  });

  it("publish what asks for a gated channel, and say how a person opens the pull request that the token may not", async () => {
    const { job, acme, sandbox } = await staged();
    acme.repo.features.settings.canApprove = false;
    const argv = ["build/acme-notes-linux-x64.bin", "--app", "acme-notes", "--version", "1.5.0", "--channel", "stable"];
    await sandbox.run("dist", "manifest", "init", ...argv, "--out", "gated.json");
    const done = await job.use("dist-publish", { manifest: "gated.json" });
    const { exit, code, version } = done.outputs;
    expect([done.exit, exit, code, version], done.log).toEqual([0, "3", "forge.pull_request.not_permitted", "1.5.0"]);
    expect(done.summary).toContain(`${acme.github.serverUrl}/acme/notes/compare/`);
  });

  it("say in the step what the workflow token may not", async () => {
    const { job, acme } = await staged();
    acme.repo.features.settings.canApprove = false;
    await job.use("dist-publish");
    const waiting = await job.use("dist-promote", promotion);
    expect([waiting.exit, waiting.outputs["exit"], waiting.outputs["code"]], waiting.log).toEqual([
      0,
      "3",
      "forge.pull_request.not_permitted",
    ]);
    expect(waiting.summary).toContain(`${acme.github.serverUrl}/acme/notes/compare/`);
    expect(waiting.commands).toContainEqual(
      expect.objectContaining({ name: "notice", properties: { title: "forge.pull_request.not_permitted" } }),
    );
  });
});
