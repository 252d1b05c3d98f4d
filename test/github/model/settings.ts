import type { FakeAccount } from "../route.ts";

/** A workflow run as the stand-in's tests record it. */
export interface FakeRun {
  readonly id: number;
  readonly attempt: number;
  readonly number: number;
  readonly actor: FakeAccount;
  readonly triggeringActor: FakeAccount;
  readonly event: string;
  /** For example `.github/workflows/promote.yml`. */
  readonly path: string;
  readonly headBranch: string | null;
  readonly headSha: string;
  /** Id of the repository whose code ran; another one for a fork. */
  readonly headRepositoryId: number;
  readonly status: string;
  readonly conclusion: string | null;
  readonly createdAt: string;
}

/** A site of GitHub Pages. */
export interface FakePages {
  readonly cname: string | null;
  readonly branch: string;
  readonly path: string;
  readonly buildType: "legacy" | "workflow";
  readonly httpsEnforced: boolean;
}

/** A stored attestation about a digest such as `sha256:…`. */
export interface FakeAttestation {
  readonly digest: string;
  readonly predicateType: string;
  readonly bundle: Readonly<Record<string, unknown>>;
}

/** Id of the App behind the workflow token. */
export const ACTIONS_APP_ID = 15_368;

/** Settings of one repository that its pages on GitHub show; each is a plain field that a test or a route sets. */
export class Settings {
  /** `free` offers a private repository neither rulesets nor protected branches. */
  plan: "enterprise" | "free" | "team" = "free";
  actionsEnabled = true;
  allowedActions: "all" | "local_only" | "selected" = "all";
  workflowPermissions: "read" | "write" = "read";
  /** One switch for both: workflows may open pull requests, and may approve them. */
  canApprove = false;
  readonly mergeMethods = { merge: true, squash: true, rebase: true };
  deleteBranchOnMerge = false;
  description: string | null = null;
  pages: FakePages | null = null;
  readonly runs: FakeRun[] = [];
  readonly attestations: FakeAttestation[] = [];
  /** Numbers of workflow files, by path. */
  readonly workflowIds = new Map<string, number>();
  /** Workflow files that were switched off by hand, by path. */
  readonly disabledWorkflows = new Set<string>();
  /** What `GET immutable-releases` answers where the setting is off: documented is 404, reported is 200. */
  immutableOffStatus: 200 | 404 = 404;
}
