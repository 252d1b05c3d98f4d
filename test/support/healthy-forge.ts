import type {
  BranchRules,
  ForgeRepository,
  ForgeSettings,
  PullRequestRule,
  Said,
} from "../../src/ports/forge-settings.ts";
import { DECISIONS, STATE } from "../../src/state/branches.ts";
import { TEST_NOW } from "./world.ts";

/** A repository that is as it should be. */
export const repositoryFact: ForgeRepository = {
  id: 81,
  name: "acme/notes",
  visibility: "private",
  isFork: false,
  isArchived: false,
  hasPages: false,
  allowsMergeCommits: true,
  token: { admin: true, push: true },
  scopes: null,
};

/** A branch without any rule. */
export const noRules: BranchRules = {
  pullRequest: null,
  refusesForcePush: false,
  refusesDeletion: false,
  restrictsPushes: false,
  restrictsCreation: false,
  linearHistory: false,
  mergeQueue: false,
  signedCommits: false,
  requiredChecks: [],
  bypass: { said: [] },
  hidden: null,
};

/** What is asked of a pull request where several people approve by review. */
export const strictReviews: PullRequestRule = {
  approvals: 1,
  codeOwnerReview: true,
  lastPushApproval: true,
  dismissesStale: true,
  mergeMethods: ["merge"],
};

/** A branch that only goes on. */
export const kept: BranchRules = { ...noRules, refusesForcePush: true, refusesDeletion: true };

/** Answers that some token does not get. */
export const noPermission = { unsaid: "permission", why: "GitHub does not tell this token that" } as const;
/** Answers that some plan does not have. */
export const noPlan = { unsaid: "plan", why: "GitHub has that on another plan" } as const;

/** A forge on which nothing is wrong; parts that a test gives replace ours. `rules` are those of branches by name. */
export function healthyForge(
  given: Partial<ForgeSettings> = {},
  rules: Readonly<Record<string, Said<BranchRules>>> = {},
): ForgeSettings {
  const known: Readonly<Record<string, Said<BranchRules>>> = {
    [DECISIONS]: { said: { ...kept, pullRequest: strictReviews } },
    [STATE]: { said: kept },
    ...rules,
  };
  return {
    kind: "github",
    name: "acme/notes",
    url: "https://github.com/acme/notes",
    repository: async () => repositoryFact,
    rules: async (branch) => known[branch] ?? { said: noRules },
    hasBranch: async () => true,
    tags: async () => [],
    workflowSettings: async () => ({ said: { areEnabled: true, mayOpenAndApprove: true, defaultToken: "read" } }),
    immutableReleases: async () => ({ said: "on" }),
    codeOwnersErrors: async () => ({ said: [] }),
    workflows: async () => ({ said: [] }),
    file: async () => null,
    pages: async () => ({ said: null }),
    refusedPermissions: async () => [],
    account: async (login) => ({ id: 7, login: login ?? "alice-acme", kind: "user" }),
    now: async () => new Date(TEST_NOW),
    compare: async () => ({ said: "same" }),
    apply: async () => ({ was: "same" }),
    ...given,
  };
}
