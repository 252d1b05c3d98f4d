import type { DocumentActor, Grade, PolicyV1, StateSeen } from "../../schema/types.gen.ts";
import type { Schemas } from "../../schema/schemas.ts";
import { codeOwners } from "../core/policy.ts";

/** The first person of a repository. */
export interface Founder {
  /** Name in policy.json. */
  readonly person: string;
  /** OpenSSH public key without comment; null for who approves by a forge's account alone. */
  readonly publicKey: string | null;
  readonly github?: { readonly id: number; readonly login: string };
}

/** What the root of decisions is made from. */
export interface Foundation {
  readonly repoId: string;
  readonly proposalId: string;
  readonly stateSeen: StateSeen;
  readonly requestedBy: DocumentActor;
  readonly requestedAt: string;
  /** At least one. */
  readonly founders: readonly [Founder, ...Founder[]];
  /** Least proof of any decision: `signed` on a bare repository. */
  readonly proof: Grade;
}

const README = `# Decisions

This branch holds what people decided: policy.json, channel pointers and passed gates. It is changed by merged proposals only;
a commit made by hand changes nothing, and every reader says so. \`waybill gate list\` shows what is open,
\`waybill state verify\` proves the history from its root.
`;

/** Plans the first policy: its people approve everything, one approval is enough, and one person alone may approve the own request. */
export function planPolicy(on: Foundation): PolicyV1 {
  const names = on.founders.map(({ person }) => person);
  return {
    schema: "policy.v1",
    repo_id: on.repoId,
    proposal_id: on.proposalId,
    from: null,
    state_seen: on.stateSeen,
    seen: {},
    requested_by: on.requestedBy,
    requested_at: on.requestedAt,
    reason: "waybill init",
    people: Object.fromEntries(
      on.founders.map(({ person, publicKey, github }) => [
        person,
        { keys: publicKey === null ? [] : [publicKey], ...(github === undefined ? {} : { github }) },
      ]),
    ),
    groups: {},
    governance: {
      approvers: names,
      min_approvals: 1,
      requester_may_approve: names.length === 1,
      proof: on.proof,
    },
    attestors: {},
    apps: {},
    defaults: {
      mode: "gated",
      policy: "strict",
      channels: { internal: { mode: "auto", policy: "off" }, nightly: { mode: "auto", policy: "off" } },
    },
  };
}

/** Plans the files of the root commit of decisions. Throws `schema.invalid` where a name or key is none. */
export function planFoundation(schemas: Schemas, on: Foundation): ReadonlyMap<string, Uint8Array> {
  const policy = planPolicy(on);
  const bytes = (text: string) => new TextEncoder().encode(text);
  return new Map([
    ["policy.json", schemas.print("policy.v1", policy)],
    ["CODEOWNERS", bytes(codeOwners(policy))],
    ["README.md", bytes(README)],
  ]);
}
