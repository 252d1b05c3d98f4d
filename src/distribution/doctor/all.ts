import { artifactsPresent } from "./artifacts-present.ts";
import { channelsTarget } from "./channels-target.ts";
import type { DoctorCheck } from "./check.ts";
import { clockSane } from "./clock-sane.ts";
import { decisionsHonoured } from "./decisions-honoured.ts";
import { draftsStale } from "./drafts-stale.ts";
import { identityRules } from "./identity-rules.ts";
import { policyPeople } from "./policy-people.ts";
import { profilesExpiry } from "./profiles-expiry.ts";
import { proposalsStale } from "./proposals-stale.ts";
import { refsPresent } from "./refs-present.ts";
import { refsUnambiguous } from "./refs-unambiguous.ts";
import { snapshotAge } from "./snapshot-age.ts";
import { tokensExpiry } from "./tokens-expiry.ts";

/** Every check, the cheap and fundamental ones first. */
export const doctorChecks: readonly DoctorCheck[] = [
  refsPresent,
  refsUnambiguous,
  clockSane,
  decisionsHonoured,
  policyPeople,
  proposalsStale,
  snapshotAge,
  tokensExpiry,
  channelsTarget,
  draftsStale,
  identityRules,
  profilesExpiry,
  artifactsPresent,
];
