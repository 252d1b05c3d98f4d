import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { isData, type Data } from "../../src/kernel/json.ts";
import { type Sandbox, sandboxIn } from "./sandbox.ts";

export const STATE = "waybill/state";
export const DECISIONS = "waybill/decisions";

/** A bare repository with two people, and what somebody with plain git may do to it. */
export interface Stage {
  readonly folder: string;
  readonly repository: string;
  readonly store: string;
  /** A machine of a person, with the person's own key, home and cache. */
  as(person: string): Sandbox;
  /** Runs git in the bare repository; answers its output without the last line break. */
  git(...argv: readonly string[]): string;
  /** The one object of `--json`, of a program that anybody runs. */
  ask(person: string, program: string, ...argv: readonly string[]): Promise<Data>;
  /** The result of a command that must end with exit 0. */
  sure(person: string, program: string, ...argv: readonly string[]): Promise<Data>;
  /**
   * Clones a branch with plain git, lets `edit` change the work tree, commits it unless `edit` has committed, and pushes; answers
   * the commit.
   */
  push(branch: string, edit: (clone: Clone) => void, how?: { readonly commit: boolean }): string;
  /** The one open proposal. */
  proposal(): string;
  /** A number that was not given before. */
  next(): number;
}

/** A clone that somebody made with plain git. */
export interface Clone {
  readonly folder: string;
  git(...argv: readonly string[]): string;
  read(path: string): string;
  write(path: string, content: string | Uint8Array): void;
  /** Changes a file by its text; throws where that changes nothing. */
  edit(path: string, change: (text: string) => string): void;
}

/** Tells the story once in a folder; every test works on a copy. */
export async function makeTemplate(): Promise<{ readonly folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "waybill-tampering-"));
  const stage = stageIn(folder);
  for (const person of ["alice", "bob", "mallory"]) {
    mkdirSync(join(folder, person));
    const key = await stage.sure(person, "waybill", "keys", "new", person, "--no-passphrase");
    if (key["schema"] === undefined) throw new Error("no key");
    cpSync(join(folder, person, "config", "waybill", "keys", `${person}.pub`), join(folder, `${person}.pub`));
  }
  await stage.sure("bob", "waybill", "init", stage.repository, "--approver", "bob", "--key", join(folder, "bob.pub"));
  await changePolicy(stage, "bob", (policy) => {
    const keys = (person: string) => ({
      keys: [
        readFileSync(join(folder, `${person}.pub`), "utf8")
          .split(" ")
          .slice(0, 2)
          .join(" ")
          .trim(),
      ],
    });
    return {
      ...policy,
      people: { alice: keys("alice"), bob: keys("bob") },
      governance: { approvers: ["alice", "bob"], min_approvals: 1, requester_may_approve: false, proof: "signed" },
    };
  });
  await publish(stage, "1.0.0", "one\n");
  await approveAndMerge(stage, "bob", stage.proposal());
  await stage.sure("bob", "waybill", "gate", "sync");
  await publish(stage, "1.1.0", "two\n");
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A copy of the template that is removed at the end of the test. */
export function stageFrom(template: { readonly folder: string }): Stage {
  const folder = mkdtempSync(join(tmpdir(), "waybill-tampering-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(template.folder, folder, { recursive: true });
  return stageIn(folder);
}

/** Publishes a release that asks for the gated channel. */
async function publish(stage: Stage, version: string, content: string): Promise<Data> {
  const build = join(stage.folder, "alice", "build", version);
  mkdirSync(build, { recursive: true });
  writeFileSync(join(build, "app.bin"), content);
  const artifacts = [{ platform: "linux", path: "app.bin" }];
  const manifest = { app: "acme", version, channel: "stable", display_name: "Acme", artifacts };
  writeFileSync(join(build, "dist.json"), JSON.stringify(manifest));
  return stage.sure("alice", "dist", "ci", "publish", "--manifest", join(build, "dist.json"));
}

/** Signs a proposal as a person, and merges it with the tool. */
async function approveAndMerge(stage: Stage, person: string, proposal: string): Promise<void> {
  await stage.sure(person, "waybill", "gate", "approve", proposal);
  await stage.sure(person, "waybill", "gate", "merge", proposal);
}

/** Proposes another policy, and brings it into force with bob's key, or alice's where bob asks. */
export async function changePolicy(
  stage: Stage,
  requester: "alice" | "bob",
  change: (policy: Data) => object,
): Promise<void> {
  const before = new Set(proposalsOf(stage));
  const policy: unknown = JSON.parse(stage.git("show", `${DECISIONS}:policy.json`));
  if (!isData(policy)) throw new Error("no policy");
  const header = ["proposal_id", "from", "state_seen", "seen", "requested_by", "requested_at", "reason", "replaces"];
  const rules = Object.fromEntries(Object.entries(policy).filter(([name]) => !header.includes(name)));
  const file = join(stage.folder, "policy.json");
  writeFileSync(file, JSON.stringify(change(rules)));
  const opened = await stage.ask(requester, "waybill", "gate", "open", "policy", "--file", file, "--reason", "rules");
  if (opened["exit"] !== 3) throw new Error(JSON.stringify(opened["error"]));
  const proposal = proposalsOf(stage).find((id) => !before.has(id)) ?? "?";
  const other =
    stage.git("show", `${DECISIONS}:policy.json`).includes("alice") && requester === "bob" ? "alice" : "bob";
  await approveAndMerge(stage, other, proposal);
}

/** Ids of open proposals. */
export function proposalsOf(stage: Stage): readonly string[] {
  const refs = stage.git("for-each-ref", "--format=%(refname:lstrip=4)", "refs/heads/waybill/proposal/");
  return refs.split("\n").filter((id) => id !== "");
}

function stageIn(folder: string): Stage {
  const repository = join(folder, "repo.git");
  const store = join(folder, "store");
  const machines = new Map<string, Sandbox>();
  let given = 0;
  const as = (person: string): Sandbox => {
    const known = machines.get(person);
    if (known !== undefined) return known;
    mkdirSync(join(folder, person), { recursive: true });
    const machine = sandboxIn(join(folder, person), {
      DIST_SERVER: repository,
      DIST_LOCAL_STORE: store,
      ...identity(person),
    });
    machines.set(person, machine);
    return machine;
  };
  const stage: Stage = {
    folder,
    repository,
    store,
    as,
    git: (...argv) => run(repository, argv, as("mallory")),
    ask: (person, program, ...argv) => as(person).json(program, ...argv),
    async sure(person, program, ...argv) {
      const answer = await as(person).json(program, ...argv);
      const { exit, result, error } = answer;
      if (exit !== 0 || !isData(result)) throw new Error(`${argv.join(" ")}: ${JSON.stringify(error ?? answer)}`);
      return result;
    },
    push(branch, edit, how = { commit: true }) {
      const clone = cloneOf(stage, branch);
      edit(clone);
      if (how.commit) {
        clone.git("add", "--all", "--force");
        clone.git("commit", "--quiet", "--message", "by hand");
      }
      clone.git("push", "--quiet", "origin", `HEAD:refs/heads/${branch}`);
      return clone.git("rev-parse", "HEAD");
    },
    next: () => (given += 1),
    proposal() {
      const [first, ...more] = proposalsOf(stage);
      if (first === undefined || more.length > 0) throw new Error(`${more.length + 1} proposals are open`);
      return first;
    },
  };
  return stage;
}

/** A clone of one branch that mallory made. */
export function cloneOf(stage: Stage, branch: string): Clone {
  const folder = mkdtempSync(join(stage.folder, "clone-"));
  const machine = stage.as("mallory");
  run(stage.folder, ["clone", "--quiet", "--branch", branch, stage.repository, folder], machine);
  const git = (...argv: readonly string[]) => run(folder, argv, machine);
  const clone: Clone = {
    folder,
    git,
    read: (path) => readFileSync(join(folder, path), "utf8"),
    write(path, content) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    },
    edit(path, change) {
      const before = clone.read(path);
      const after = change(before);
      if (after === before) throw new Error(`${path} would stay the same`);
      clone.write(path, after);
    },
  };
  return clone;
}

/** Runs git as somebody; answers its output without the last line break, throws with its errors. */
export function run(cwd: string, argv: readonly string[], machine: Sandbox): string {
  const done = spawnSync("git", argv, { cwd, env: machine.env, encoding: "utf8", maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`git ${argv.join(" ")}: ${done.stderr}`);
  return done.stdout.trimEnd();
}

function identity(name: string): Record<string, string> {
  const email = `${name}@example.org`;
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}
