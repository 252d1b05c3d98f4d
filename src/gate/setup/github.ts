import { isRefused, type Reason, reason, ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { ForgeRepository, ForgeSettings, Ruleset } from "../../ports/forge-settings.ts";
import type { InitGithub, InitRuleset, PolicyV1 } from "../../schema/types.gen.ts";
import { DECISIONS, STATE } from "../../state/branches.ts";
import type { ActionsPin } from "./workflow-templates.ts";
import { wantedRulesets } from "./rulesets.ts";

/** What `waybill init --github` was asked for. */
export interface GithubAsked {
  readonly settings: ForgeSettings;
  /** Account of the first approver; null: the one behind the token. */
  readonly login: string | null;
  /** Makes the rulesets, beyond saying what they lack. */
  readonly apply: boolean;
  /** Actions that workflows use; null where nobody said which. */
  readonly pin: ActionsPin | null;
}

/** The repository and the first approver as GitHub knows them. */
export interface GithubMet {
  readonly asked: GithubAsked;
  readonly repository: ForgeRepository;
  readonly account: { readonly id: number; readonly login: string } | null;
}

/** Asks GitHub who is who, before anything is made. Throws `usage.invalid_argument` for a login that is nobody's. */
export async function meetGithub(asked: GithubAsked): Promise<GithubMet> {
  const { settings, login } = asked;
  const repository = await settings.repository();
  const account = await settings.account(login);
  if (login !== null && account?.kind !== "user") {
    throw new ToolError("usage.invalid_argument", `GitHub has no person called ${printable(login)}`, {
      hints: ["Give the login of the first approver: --github-login <login>"],
    });
  }
  return { asked, repository, account: account?.kind === "user" ? { id: account.id, login: account.login } : null };
}

/** What stands on GitHub after the branches were made. */
export type GithubSettled = Pick<InitGithub, "branches_there" | "rulesets">;

/** A ruleset as it is now, with the reason of a refusal. */
type Settled = InitRuleset & { readonly reason: Reason | null };

/**
 * Makes the rulesets where that was asked for, else says what they lack. They come after the branches, for a rule that asks for pull
 * requests would refuse the first commit too. Every part can be done again.
 */
export async function settleGithub(
  { settings, apply }: GithubAsked,
  policy: PolicyV1,
  dryRun: boolean,
): Promise<GithubSettled & { readonly refused: readonly Reason[] }> {
  const isThere = (await settings.hasBranch(STATE)) && (await settings.hasBranch(DECISIONS));
  const settled: Settled[] = [];
  for (const wanted of wantedRulesets(policy)) {
    settled.push(apply && !dryRun ? await made(settings, wanted, isThere) : await looked(settings, wanted));
  }
  return {
    branches_there: isThere,
    rulesets: settled.map(({ name, branch, status, why }) => ({ name, branch, status, why })),
    refused: settled.flatMap((one) => one.reason ?? []),
  };
}

async function looked(settings: ForgeSettings, wanted: Ruleset): Promise<Settled> {
  const { name, branch } = wanted;
  const answer = await settings.compare(wanted);
  if ("said" in answer) return { name, branch, status: answer.said, why: null, reason: null };
  return { name, branch, status: "unknown", why: answer.why, reason: null };
}

async function made(settings: ForgeSettings, wanted: Ruleset, isThere: boolean): Promise<Settled> {
  const { name, branch } = wanted;
  const refused = (no: Reason): Settled => ({ name, branch, status: "refused", why: worded(no), reason: no });
  if (!isThere) return refused(notPushed(settings, wanted));
  const answer = await settings.apply(wanted);
  if (isRefused(answer)) return refused(answer.refused[0]);
  const done = { missing: "created", different: "updated", same: "same" } as const;
  return { name, branch, status: done[answer.was], why: null, reason: null };
}

/** What does not work, and what to do about it, in one line. */
function worded({ message, hints: [hint] }: Reason): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}

function notPushed({ name: repository }: ForgeSettings, { name, branch }: Ruleset): Reason {
  const message = `The ruleset "${name}" waits until ${repository} has the branch ${branch}: it would refuse the first commit`;
  const hint = `git push origin ${STATE} ${DECISIONS}`;
  return reason("state.branch.missing", message, { ruleset: name, branch }, hint);
}
