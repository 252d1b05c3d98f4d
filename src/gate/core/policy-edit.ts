import { type Reason, reason, type Refused, refuse } from "../../kernel/errors.ts";
import { isData, type Data, type Json } from "../../kernel/json.ts";
import type { GitHubAccount, Person, PolicyV1 } from "../../schema/types.gen.ts";
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

/** A person to add, with an OpenSSH public key or an account of the forge to approve with. */
export interface NewApprover {
  readonly person: string;
  readonly has: { readonly publicKey: string } | { readonly github: GitHubAccount };
}

/** An attestor to add: a key, or a workflow of a repository whose Sigstore bundles count. */
export interface NewAttestor {
  readonly name: string;
  readonly is: PolicyV1["attestors"][string];
}

/** A change of policy by flags: who joins, how many must approve, and who vouches for evidence. */
export interface PolicyChange {
  readonly approvers: readonly NewApprover[];
  readonly minApprovals: number | null;
  readonly attestors?: readonly NewAttestor[];
}

/**
 * Adds people to a policy as approvers of governance, and sets how many of them must approve. Where one person alone could approve
 * the own requests, that ends with the second person. Refuses with `usage.invalid_argument` where a name has another key or account, or vouches as something else.
 */
export function editPolicy(
  policy: PolicyV1,
  { approvers, minApprovals, attestors: vouching = [] }: PolicyChange,
): PolicyBody | Refused {
  const { people, groups, governance, attestors, apps, defaults } = policy;
  const added = new Map<string, Person>();
  for (const { person, has } of approvers) {
    const known = own(people, person);
    if (known !== undefined && isOther(known, has))
      return refuse(taken(person, "publicKey" in has ? "key" : "account"));
    const before = added.get(person) ?? known ?? { keys: [] };
    added.set(person, "github" in has ? { ...before, github: has.github } : withKey(before, has.publicKey));
  }
  for (const { name, is } of vouching) {
    const known = own(attestors, name);
    if (known !== undefined && !isSame(known, is)) return refuse(otherAttestor(name));
  }
  const names = [...new Set([...governance.approvers, ...approvers.map(({ person }) => person)])].toSorted();
  return {
    people: { ...people, ...Object.fromEntries(added) },
    groups,
    governance: {
      ...governance,
      approvers: names,
      min_approvals: minApprovals ?? governance.min_approvals,
      requester_may_approve: governance.requester_may_approve && names.length === 1,
    },
    attestors: { ...attestors, ...Object.fromEntries(vouching.map(({ name, is }) => [name, is])) },
    apps,
    defaults,
  };
}

function isSame(known: NewAttestor["is"], is: NewAttestor["is"]): boolean {
  if (known.sigstore === undefined || is.sigstore === undefined)
    return known.key === is.key && known.sigstore === is.sigstore;
  const { repository_id, workflow } = known.sigstore;
  return repository_id === is.sigstore.repository_id && workflow === is.sigstore.workflow;
}

function otherAttestor(name: string): Reason {
  const hint = "Give it another name, or change it in a file: waybill gate open policy --file policy.json";
  return reason("usage.invalid_argument", `${name} vouches in policy.json as something else`, { attestor: name }, hint);
}

/** A key or account besides one that policy has is for people to decide on with the whole file before them. */
function isOther(known: Person, has: NewApprover["has"]): boolean {
  if ("publicKey" in has) return known.keys.length > 0 && !known.keys.includes(has.publicKey);
  return known.github !== undefined && known.github.id !== has.github.id;
}

function withKey(person: Person, publicKey: string): Person {
  return person.keys.includes(publicKey) ? person : { ...person, keys: [...person.keys, publicKey] };
}

function taken(person: string, what: "key" | "account"): Reason {
  const hint = `Give a further ${what} of the same person in a file: waybill gate open policy --file policy.json`;
  return reason("usage.invalid_argument", `${person} is in policy.json with another ${what}`, { person }, hint);
}
