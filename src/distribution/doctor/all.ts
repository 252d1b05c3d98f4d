import { actionsPermissions } from "./actions-permissions.ts";
import { actionsPullRequests } from "./actions-pull-requests.ts";
import { artifactsPresent } from "./artifacts-present.ts";
import { channelsTarget } from "./channels-target.ts";
import type { DoctorCheck } from "./check.ts";
import { clockSane } from "./clock-sane.ts";
import { codeownersErrors } from "./codeowners-errors.ts";
import { decisionsBypass } from "./decisions-bypass.ts";
import { decisionsChecks } from "./decisions-checks.ts";
import { decisionsHonoured } from "./decisions-honoured.ts";
import { decisionsMergeMethods } from "./decisions-merge-methods.ts";
import { decisionsProtection } from "./decisions-protection.ts";
import { decisionsReview } from "./decisions-review.ts";
import { draftsStale } from "./drafts-stale.ts";
import { identityRules } from "./identity-rules.ts";
import { pagesDomain } from "./pages-domain.ts";
import { policyAccounts } from "./policy-accounts.ts";
import { policyPeople } from "./policy-people.ts";
import { profilesExpiry } from "./profiles-expiry.ts";
import { proposalsProtection } from "./proposals-protection.ts";
import { proposalsStale } from "./proposals-stale.ts";
import { refsPresent } from "./refs-present.ts";
import { refsTags } from "./refs-tags.ts";
import { refsUnambiguous } from "./refs-unambiguous.ts";
import { releasesImmutable } from "./releases-immutable.ts";
import { repositoryPlan } from "./repository-plan.ts";
import { rootPinned } from "./root-pinned.ts";
import { scopeForeign } from "./scope-foreign.ts";
import { snapshotAge } from "./snapshot-age.ts";
import { snapshotProtection } from "./snapshot-protection.ts";
import { statePrivacy } from "./state-privacy.ts";
import { stateProtection } from "./state-protection.ts";
import { tokenPermissions } from "./token-permissions.ts";
import { tokensExpiry } from "./tokens-expiry.ts";
import { workflowsCurrent } from "./workflows-current.ts";

/** Every check, the cheap and fundamental ones first; those of a forge after what they rest on. */
export const doctorChecks: readonly DoctorCheck[] = [
  refsPresent,
  refsUnambiguous,
  refsTags,
  clockSane,
  scopeForeign,
  repositoryPlan,
  tokenPermissions,
  decisionsProtection,
  decisionsReview,
  decisionsMergeMethods,
  decisionsChecks,
  decisionsBypass,
  stateProtection,
  proposalsProtection,
  snapshotProtection,
  codeownersErrors,
  actionsPullRequests,
  actionsPermissions,
  workflowsCurrent,
  releasesImmutable,
  pagesDomain,
  statePrivacy,
  rootPinned,
  decisionsHonoured,
  policyPeople,
  policyAccounts,
  proposalsStale,
  snapshotAge,
  tokensExpiry,
  channelsTarget,
  draftsStale,
  identityRules,
  profilesExpiry,
  artifactsPresent,
];
