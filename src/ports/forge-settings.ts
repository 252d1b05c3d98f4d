import type { Refused } from "../kernel/errors.ts";
import type { Account } from "./forge.ts";

/** Why a forge did not say something: the token may not read it, or the plan does not have it. */
export interface Unsaid {
  readonly unsaid: "permission" | "plan";
  /** One sentence for people. */
  readonly why: string;
}

/** What a forge says, or why it does not: what is not said never reads as none. */
export type Said<T> = { readonly said: T } | Unsaid;

/** A repository as the forge describes it. */
export interface ForgeRepository {
  /** Stays when it is renamed and differs in a fork. */
  readonly id: number;
  /** `owner/repo` as it is called now. */
  readonly name: string;
  readonly visibility: "public" | "private" | "internal";
  readonly isFork: boolean;
  readonly isArchived: boolean;
  readonly hasPages: boolean;
  /** Whether a pull request may be merged by a merge commit; null where the forge did not say. */
  readonly allowsMergeCommits: boolean | null;
  /** What the token's account may do here; null where the forge did not say. */
  readonly token: { readonly admin: boolean; readonly push: boolean } | null;
  /** Scopes of a classic personal token; null for every other kind. */
  readonly scopes: readonly string[] | null;
}

/** What pull requests into a branch need. */
export interface PullRequestRule {
  readonly approvals: number;
  readonly codeOwnerReview: boolean;
  readonly lastPushApproval: boolean;
  readonly dismissesStale: boolean;
  /** Null: what the repository allows. */
  readonly mergeMethods: readonly string[] | null;
}

/** Someone who need not obey a rule. */
export interface Bypass {
  /** For people: `role 5 (admin)`, `app 15368 (GitHub Actions)`. */
  readonly who: string;
  /** True for the workflow token itself, which any workflow on any branch can have. */
  readonly isAnyWorkflow: boolean;
  readonly when: "always" | "pull_request";
  /** Ruleset or classic protection that lets them. */
  readonly rule: string;
}

/** All rules in force on a branch: those of its rulesets and of its classic protection, as one. */
export interface BranchRules {
  /** Null where no rule asks for pull requests. */
  readonly pullRequest: PullRequestRule | null;
  readonly refusesForcePush: boolean;
  readonly refusesDeletion: boolean;
  /** Only chosen people may push at all. */
  readonly restrictsPushes: boolean;
  readonly restrictsCreation: boolean;
  readonly linearHistory: boolean;
  readonly mergeQueue: boolean;
  readonly signedCommits: boolean;
  readonly requiredChecks: readonly string[];
  readonly bypass: Said<readonly Bypass[]>;
  /** Says that there is a classic protection which this token may not read, so that more may be in force; else null. */
  readonly hidden: string | null;
}

/** What the forge says of workflows as such. */
export interface WorkflowSettings {
  /** False where no workflow runs at all. */
  readonly areEnabled: boolean;
  /** One switch: workflows may open pull requests, and their approvals count for the forge. */
  readonly mayOpenAndApprove: boolean;
  readonly defaultToken: "read" | "write";
}

/** A workflow file on the default branch. */
export interface InstalledWorkflow {
  readonly path: string;
  /** `active`, or why it does not run, for example `disabled_inactivity`; null where the forge did not say. */
  readonly state: string | null;
}

/** Web pages of the repository. */
export interface PagesSettings {
  readonly url: string | null;
  readonly domain: string | null;
  readonly isHttpsEnforced: boolean;
  /** State of the domain's proof, for example `verified`; null where there is none. */
  readonly domainState: string | null;
  /** State of the certificate, for example `approved`; null where there is none. */
  readonly certificate: string | null;
}

/** A set of rules for one branch, called by its name; who may bypass it is nobody. */
export interface Ruleset {
  readonly name: string;
  readonly branch: string;
  readonly refusesForcePush: true;
  readonly refusesDeletion: true;
  readonly pullRequest: (PullRequestRule & { readonly mergeMethods: readonly string[] }) | null;
}

/** How a ruleset that is there compares with one that is wanted. */
export type RulesetState = "missing" | "different" | "same";

/**
 * What a forge says of a repository's settings, and the rulesets that Waybill wants there. Nothing but `apply` changes anything.
 * Every method asks anew; no answer throws `forge.*`, which is as unknown as what is not said.
 */
export interface ForgeSettings {
  readonly kind: "github";
  /** `owner/repo`, for people and commands. */
  readonly name: string;
  /** `https://github.com/owner/repo`. */
  readonly url: string;
  repository(): Promise<ForgeRepository>;
  /** Rules of a branch, which need not exist. */
  rules(branch: string): Promise<Said<BranchRules>>;
  hasBranch(branch: string): Promise<boolean>;
  /** Tags of the full names `refs/tags/<prefix>…`. */
  tags(prefix: string): Promise<readonly string[]>;
  workflowSettings(): Promise<Said<WorkflowSettings>>;
  immutableReleases(): Promise<Said<"off" | "on" | "enforced">>;
  /** Errors of the CODEOWNERS file of a branch, one line each; null where there is no such file. */
  codeOwnersErrors(branch: string): Promise<Said<readonly string[] | null>>;
  /** Files of `.github/workflows` on the default branch. */
  workflows(): Promise<Said<readonly InstalledWorkflow[]>>;
  /** A file of the default branch; null where there is none. */
  file(path: string): Promise<Uint8Array | null>;
  /** Null where the repository has no pages. */
  pages(): Promise<Said<PagesSettings | null>>;
  /** Permissions, by the forge's name, that the token was refused when it read what Waybill reads. */
  refusedPermissions(): Promise<readonly string[]>;
  /** Account of a login, else of the token; null where there is none, as behind a workflow token. */
  account(login: string | null): Promise<Account | null>;
  /** The forge's own time. */
  now(): Promise<Date>;
  compare(wanted: Ruleset): Promise<Said<RulesetState>>;
  /** Makes the ruleset as wanted, found by its name; repeating it changes nothing. Refuses with `forge.admin.missing` or `forge.plan.missing`. */
  apply(wanted: Ruleset): Promise<{ readonly was: RulesetState } | Refused>;
}
