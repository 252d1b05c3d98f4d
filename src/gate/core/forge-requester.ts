import { printable } from "../../kernel/text.ts";
import type { PolicyV1 } from "../../schema/types.gen.ts";
import { peopleNamed } from "./approvals.ts";
import type { Account, ForgeAnswers, WorkflowRun } from "./forge-answers.ts";
import type { DecisionHeader } from "./header.ts";
import type { HeadData } from "./merge-data.ts";

/** Events that a person, or a push of one, starts a run with; runs of a clock or of strangers' comments were asked for by nobody. */
const ASKED_BY: ReadonlySet<string> = new Set(["workflow_dispatch", "repository_dispatch", "push", "release"]);

/** What the requester set of a forge is made from. */
export interface RequesterCase {
  readonly answers: ForgeAnswers;
  readonly header: DecisionHeader;
  readonly head: HeadData;
  readonly policy: PolicyV1;
  /** Runs that decisions before this one name. */
  readonly usedRuns: ReadonlySet<number>;
}

/** Who asked, as the forge knows it. */
export interface ForgeRequester {
  /** People of policy, by account id. */
  readonly people: readonly string[];
  /** Why nobody's account vouches for `requested_by`; null where one does. */
  readonly problem: string | null;
  readonly unknown: readonly string[];
}

/**
 * Finds everyone who asked: author of the pull request, author and committer of the decision commit, starter of the named run. An
 * account vouches for the request where `requested_by` names nobody else.
 */
export function requesterOnForge(on: RequesterCase): ForgeRequester {
  const { answers, head, policy } = on;
  const decision = answers.commits.find(({ commit }) => commit === head.commits[0]?.commit);
  const run = runProblem(on);
  const starter = run === null ? (answers.run?.starter ?? null) : null;
  const accounts = [answers.author, decision?.author, decision?.committer, starter];
  const people = accounts.flatMap((account) => personOf(policy, account)?.[0] ?? []);
  return {
    people: [...new Set(people)],
    problem: vouchProblem(on, starter, run),
    unknown: decision === undefined ? ["whose commit the decision is"] : [],
  };
}

/** Finds the person of an account by its id; undefined where it is nobody's. */
export function personOf(policy: PolicyV1, account: Account | null | undefined) {
  if (!account) return undefined;
  return Object.entries(policy.people).find(([, { github }]) => github?.id === account.id);
}

function vouchProblem({ answers, header, policy }: RequesterCase, starter: Account | null, run: string | null) {
  // A workflow did not ask by itself, whoever's token it holds: only who started it can vouch for it.
  const asked = header.requested_by.kind === "workflow" ? [starter] : [answers.author, starter];
  const accounts = asked.filter((account) => account?.kind === "user");
  const claimed = peopleNamed(policy, header.requested_by);
  const known = accounts.map((account) => personOf(policy, account)?.[0]);
  if (accounts.length > 0 && (claimed.length === 0 || known.some((person) => person && claimed.includes(person))))
    return null;
  const name = printable(header.requested_by.name, 80);
  if (accounts.length > 0) return `requested_by names ${name}, whose account did not ask`;
  return `nobody vouches for the request: ${run}`;
}

/** Why the named run does not say who asked; null where it does. */
export function runProblem({
  answers: { run },
  header,
  usedRuns,
}: {
  readonly answers: Pick<ForgeAnswers, "run">;
  readonly header: Pick<DecisionHeader, "requested_run" | "requested_by">;
  readonly usedRuns: ReadonlySet<number>;
}): string | null {
  const claim = header.requested_run;
  if (claim === undefined) return "it names no run";
  const named = `run ${claim.run_id}`;
  if (run === null || run.id !== claim.run_id || run.attempt !== claim.attempt) return `${named} is not there`;
  if (!run.isDefaultBranch) return `${named} ran another branch than the default one`;
  if (usedRuns.has(run.id)) return `${named} asked for another decision already`;
  if (!ASKED_BY.has(run.event)) return `${named} was started by ${printable(run.event, 60)}, not by a person`;
  if (!isItsWorkflow(run, header)) return `${named} is of another workflow than requested_by says`;
  return run.starter?.kind === "user" ? null : `${named} was started by no person`;
}

/** A workflow that asks names its file; whoever else asks names no workflow. */
function isItsWorkflow(run: WorkflowRun, { requested_by }: Pick<DecisionHeader, "requested_by">): boolean {
  if (!run.path.startsWith(".github/workflows/")) return false;
  return requested_by.kind !== "workflow" || run.path.split("/").at(-1) === requested_by.name;
}
