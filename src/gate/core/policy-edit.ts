import { reason, type Refused, refuse } from "../../kernel/errors.ts";
import { isData, type Data, type Json } from "../../kernel/json.ts";
import type { PolicyV1 } from "../../schema/types.gen.ts";
import type { DecisionHeader } from "./header.ts";
import { own } from "./requirement.ts";

/** What a policy holds besides the header that a proposal gives it. */
export type PolicyBody = Pick<PolicyV1, "people" | "groups" | "governance" | "attestors" | "apps" | "defaults">;

/** Members of a decision that the proposing command writes by itself; a file that a person edits may hold them or not. */
const HEADER: readonly (keyof DecisionHeader | "schema" | "seen")[] = [
  "schema",
  "repo_id",
  "proposal_id",
  "from",
  "state_seen",
  "seen",
  "requested_by",
  "requested_at",
  "reason",
  "requested_run",
  "replaces",
];

/** Takes the header off a decision that a person edited, so that the proposal can give it a new one. */
export function withoutHeader(document: Json): Data {
  if (!isData(document)) return {};
  const isBody = ([name]: readonly [string, Json]): boolean => !HEADER.some((member) => member === name);
  return Object.fromEntries(Object.entries(document).filter(isBody));
}

/** A person to add, with the OpenSSH public key to approve with. */
export interface NewApprover {
  readonly person: string;
  readonly publicKey: string;
}

/** A change of policy by flags: who joins, and how many must approve. */
export interface PolicyChange {
  readonly approvers: readonly NewApprover[];
  readonly minApprovals: number | null;
}

/**
 * Adds people to a policy as approvers of governance, and sets how many of them must approve. Where one person alone could approve
 * the own requests, that ends with the second person. Refuses with `usage.invalid_argument` where a name has other keys already.
 */
export function editPolicy(policy: PolicyV1, { approvers, minApprovals }: PolicyChange): PolicyBody | Refused {
  const { people, groups, governance, attestors, apps, defaults } = policy;
  const taken = approvers.find(({ person, publicKey }) => {
    const known = own(people, person);
    return known !== undefined && !known.keys.includes(publicKey);
  });
  if (taken !== undefined) {
    const hint = "Give a further key of the same person in a file: waybill gate open policy --file policy.json";
    return refuse(
      reason(
        "usage.invalid_argument",
        `${taken.person} is in policy.json with another key`,
        { person: taken.person },
        hint,
      ),
    );
  }
  const added = Object.fromEntries(approvers.map(({ person, publicKey }) => [person, { keys: [publicKey] }]));
  const names = [...new Set([...governance.approvers, ...approvers.map(({ person }) => person)])].toSorted();
  return {
    people: { ...added, ...people },
    groups,
    governance: {
      ...governance,
      approvers: names,
      min_approvals: minApprovals ?? governance.min_approvals,
      requester_may_approve: governance.requester_may_approve && names.length === 1,
    },
    attestors,
    apps,
    defaults,
  };
}
