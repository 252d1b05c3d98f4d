import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Data } from "../../src/kernel/json.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { DECISIONS } from "./github-decisions.ts";
import {
  at,
  clone,
  eventsIn,
  historyOf,
  type Line,
  makeStage,
  type ProposalNamed,
  proposalOf,
  type Stage,
} from "./github-stage.ts";
import { breakEachRead, breakReads, breakWrite, DEATHS, isWrite, remember } from "./github-sweep.ts";

/** One job of the product: what is there before, what is typed, by whom, and what must be there once afterwards. */
export interface Job {
  readonly name: string;
  readonly prepare: (stage: Stage) => Promise<Prepared>;
  /** What an answer says where the job is done. */
  readonly done: { readonly exit: number; readonly code: string | null };
}

/** What `state verify` says of a repository where nobody did anything wrong. */
export const sound = { exit: 0, code: null };

/** What was prepared. */
export interface Prepared {
  /** Types it on a machine that was never used before, as a runner is. */
  run(): Promise<Data>;
  /** What `state verify` says in the end. */
  readonly proof: { readonly exit: number; readonly code: string | null };
  /** What people and readers see in the end. */
  look(): Promise<unknown>;
}

/** Everything of a pull request that people see. Nobody looks at the verdict of a merged one any more: it may be one behind. */
export function seenOf({ acme: { repo } }: Stage, number: number) {
  const { pulls, issues, statuses } = repo.features;
  const pull = pulls.get(number)!;
  const posted = statuses.of(pull.headSha).map(({ state, description }) => `${state} ${description}`);
  const isMerged = pull.mergedAt !== null;
  return {
    state: isMerged ? "merged" : pull.state,
    comments: issues.commentsOf(number).map(({ body }) => /^<!-- waybill:comment (\w+)/.exec(body)?.[1]),
    labels: issues.labelled(number).map(({ name }) => name),
    reviewers: pull.requested.map(({ login }) => login),
    status: isMerged ? null : posted[0],
    isTwice: new Set(posted).size < posted.length,
  };
}

/** Asks for a version, as alice. */
export async function ask(stage: Stage, version: string, channel = "stable"): Promise<ProposalNamed> {
  const line = [
    "dist",
    "release",
    "promote",
    `acme-notes@${version}`,
    "--channel",
    channel,
    "--reason",
    "tested",
  ] as const;
  return proposalOf(await stage.alice.sure(line, 3));
}

/** Types as a person on a machine that was never used before, as a runner is. */
export function fresh(stage: Stage, person: "alice" | "bob", line: Line): Promise<Data> {
  const who = { GIT_AUTHOR_NAME: person, GIT_AUTHOR_EMAIL: `${person}@acme.example` };
  return stage.seat(stage.acme.tokens[person], who).type(...line);
}

/** What is left of proposals, and of what follows from decisions. */
export async function lookAfter(stage: Stage, proposals: readonly ProposalNamed[]) {
  const { repo } = stage.acme;
  const events = await eventsIn(stage);
  return {
    pulls: proposals.map(({ number }) => seenOf(stage, number)),
    branches: (await repo.refs("refs/heads/waybill/proposal/")).length,
    merges: await repo.git(["rev-list", "--count", "--merges", DECISIONS]),
    events,
    history: await historyOf(stage),
  };
}

/**
 * Breaks one request after the other of a job: each write dies before it is sent, loses its answer or is refused by a failing server; each kind of
 * read is not answered at all; every read fails at first. Run again, it ends the same.
 */
export function describeSweep({ name, prepare, done }: Job): void {
  describe(`${name} on GitHub`, () => {
    it("ends the same whatever went wrong at any request, run again where it failed", async () => {
      // Waits take no time here; what is waited for is tested elsewhere.
      const sleep = vi.spyOn(systemClock, "sleep").mockResolvedValue();
      onTestFinished(() => sleep.mockRestore());
      const stage = await makeStage();
      const { world } = stage.acme.github;
      world.rate.limit = 1_000_000;
      const on = await prepare(stage);
      const restore = await remember(stage.acme.repo);
      const doneOf = (answer: Data) => ({ exit: answer["exit"], code: at(answer, "error", "code") ?? null });

      /** Runs it once, and answers what it sent. */
      const asked = async () => {
        const before = world.requests.length;
        expect(doneOf(await on.run())).toEqual(done);
        return world.requests.slice(before);
      };
      const all = await asked();
      const wanted = await on.look();
      // Done is done: again it writes nothing.
      expect((await asked()).filter(isWrite)).toEqual([]);

      const struck = async (what: string, plan: () => void, runs: 1 | 2) => {
        await restore();
        plan();
        const before = world.faults.struck.length;
        const broken = await on.run();
        world.faults.clear();
        expect(world.faults.struck.length, what).toBeGreaterThan(before);
        const last = runs === 1 ? broken : await on.run();
        expect([what, doneOf(last), await on.look()]).toEqual([what, done, wanted]);
      };
      for (const death of DEATHS) {
        for (let n = 1; n <= all.filter(isWrite).length; n += 1)
          await struck(`write ${n}: ${death}`, () => breakWrite(world.faults, n, death), 2);
      }
      const reads = new Set(all.filter((one) => !isWrite(one)).map(({ operation }) => operation));
      for (const operation of reads) await struck(`no ${operation}`, () => breakReads(world.faults, operation), 2);
      for (const effect of [{ kind: "status", status: 502 }, { kind: "drop" }] as const)
        await struck(`each read: ${effect.kind}`, () => breakEachRead(world.faults, effect), 1);

      const verified = await stage.carol.type(
        "waybill",
        "state",
        "verify",
        "--server",
        await clone(stage),
        "--offline",
      );
      expect(doneOf(verified)).toEqual(on.proof);
    }, 400_000);
  });
}
