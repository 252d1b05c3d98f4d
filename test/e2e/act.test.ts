import { describe, expect, it, onTestFinished } from "vitest";
import { type Acme, startAcme } from "../github/acme.ts";
import { pushFiles } from "../github/people.ts";
import { act, actRepository, fetchAll, filesOfAcme, hasAct } from "../support/act.ts";
import { makeSandbox, type Sandbox } from "../support/sandbox.ts";

const own = (file: string) => `notes/.github/workflows/${file}`;
const use = (name: string) => `waybill-owner/waybill/actions/${name}@${"0".repeat(40)}`;

/** A workflow of a test: one job, each step an action of ours with its inputs. */
function workflow(
  steps: readonly (readonly [id: string, uses: string, inputs: Readonly<Record<string, string>>])[],
  ...checks: readonly string[]
): string {
  const lines = steps.map(([id, uses, inputs]) => `      - ${JSON.stringify({ id, uses, with: inputs })}`);
  const compared = checks.map((check) => {
    const [output = "", wanted = ""] = check.split("=");
    return `      - ${JSON.stringify({ run: 'test "$FOUND" = "$WANTED"', env: { FOUND: `\${{ steps.${output} }}`, WANTED: wanted } })}`;
  });
  return [
    "on: workflow_dispatch",
    "jobs:",
    "  job:",
    "    runs-on: ubuntu-latest",
    "    steps:",
    ...lines,
    ...compared,
  ].join("\n");
}

interface Stage {
  readonly acme: Acme;
  readonly sandbox: Sandbox;
  /** Where alice's git reaches the repository. */
  readonly origin: string;
  readonly run: (file: string, event: string, payload?: object, token?: string) => Promise<string>;
}

async function staged(): Promise<Stage> {
  const acme = await startAcme({ clock: () => new Date() });
  onTestFinished(() => acme.github.stop());
  const sandbox = makeSandbox();
  const { apiUrl, serverUrl } = acme.github;
  const origin = `${serverUrl.replace("://", `://x-access-token:${acme.tokens.alice}@`)}/acme/notes.git`;
  await pushFiles(acme.github, acme.repo, "main", acme.people.alice, filesOfAcme());
  await actRepository(sandbox, origin);
  const repository = { default_branch: "main", full_name: "acme/notes", owner: { login: "acme" } };
  const run = async (file: string, event: string, payload: object = {}, token = acme.tokens.workflow) => {
    const ran = await act(sandbox, file, { event, payload: { repository, ...payload }, token, apiUrl, serverUrl });
    expect(ran.exit, ran.log).toBe(0);
    expect(ran.log).not.toContain(token);
    return ran.log;
  };
  return { acme, sandbox, origin, run };
}

describe.runIf(hasAct)(
  "workflows, by nektos/act (go install github.com/nektos/act@v0.2.89; skipped without it)",
  () => {
    it("set up, publish on a tag, promote, sync, verify and roll back", async () => {
      const { sandbox, origin, run, acme } = await staged();
      const asked = { approver: "alice", "github-login": "alice", apply: "true" };
      sandbox.write(
        own("init.yml"),
        workflow([["init", use("init"), asked]], "init.outputs.ok=true", "init.outputs.exit=0"),
      );
      await run("init.yml", "workflow_dispatch", {}, acme.tokens.alice);

      const publish = await run("waybill-publish.yml", "push", { ref: "refs/tags/v1.4.0" });
      expect(publish).toContain("| Published acme-notes 1.4.0   created");
      expect(publish).toContain("Summary - ## Published acme-notes 1.4.0");
      expect(await run("waybill-publish.yml", "push", { ref: "refs/tags/v1.4.0" })).toContain(
        "| Unchanged acme-notes 1.4.0",
      );

      const inputs = {
        release: "acme-notes@1.4.0",
        channel: "stable",
        reason: "1.4 test plan done $(touch pwned) ::error::no",
        rollout: "100",
      };
      const asking = { ref: "refs/heads/main", inputs };
      const refused = await run("waybill-promote.yml", "workflow_dispatch", asking);
      expect(refused).toContain("::notice title=forge.pull_request.not_permitted::");
      expect(refused).toContain("| waybill-gate-sync.yml was started");
      expect(refused).toContain(`${acme.github.serverUrl}/acme/notes/compare/`);
      acme.repo.features.settings.canApprove = true;
      const promote = await run("waybill-promote.yml", "workflow_dispatch", asking);
      expect(promote).toMatch(/::notice title=(?:Proposed|Waiting)::stable waits for #\d/);
      expect(promote).not.toContain("❗");

      const pull = { number: 1, pull_request: { number: 1, base: { ref: "waybill/decisions" } } };
      expect(await run("waybill-gate-sync.yml", "pull_request_target", pull)).toContain(
        "Summary - ## Gate sync: 0 decisions honoured, 1 proposal waits for a person",
      );
      expect(await run("waybill-gate-sync.yml", "schedule")).toContain("1 proposal waits for a person");
      const comment = { issue: { number: 1, pull_request: {} }, comment: { body: "looks good" } };
      expect(await run("waybill-gate-sync.yml", "issue_comment", comment)).not.toContain("Run Main");
      const sync = { ...comment, comment: { body: "/waybill sync" } };
      expect(await run("waybill-gate-sync.yml", "issue_comment", sync)).toContain("1 proposal waits for a person");

      await fetchAll(sandbox, origin);
      const verify = await run("waybill-verify.yml", "schedule");
      expect(verify).toMatch(/\| Verified  \d+ commits of facts/);

      const back = { app: "acme-notes", channel: "internal", reason: "", to: "", preview: "true" };
      const nowhere = await act(sandbox, "waybill-rollback.yml", {
        event: "workflow_dispatch",
        payload: { repository: { default_branch: "main" }, ref: "refs/heads/main", inputs: back },
        token: acme.tokens.workflow,
        apiUrl: acme.github.apiUrl,
        serverUrl: acme.github.serverUrl,
      });
      expect([nowhere.exit, nowhere.log]).toEqual([1, expect.stringContaining("rollback.no_previous")]);

      const rest = [
        ["snapshot", use("snapshot-publish"), {}],
        ["policy", use("gate-open"), { kind: "policy", "add-approver": "bob=@bob", reason: "bob joins" }],
        ["front", "waybill-owner/waybill@" + "0".repeat(40), { run: "state verify" }],
      ] as const;
      sandbox.write(
        own("rest.yml"),
        workflow(rest, "snapshot.outputs.ok=true", "policy.outputs.exit=3", "front.outputs.status=verified"),
      );
      await run("rest.yml", "workflow_dispatch");
    }, 300_000);
  },
);
