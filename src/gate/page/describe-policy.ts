import { byCodePoint } from "../../kernel/text.ts";
import type { PolicyV1, PrincipalsV1 } from "../../schema/types.gen.ts";
import { resolveGovernance } from "../core/requirement.ts";
import { type Compared, type Description, type Line, NOTHING_MOVES } from "./description.ts";
import { type Leaf, leavesOf } from "./leaves.ts";

/** Changes that are shown; the decision file has all. */
const MAX_ROWS = 30;
/** Longest value that is shown. */
const MAX_VALUE = 120;

/** Describes a change of policy: each setting that is another one, and whether one person alone may decide afterwards. */
export function describePolicy(after: PolicyV1, now: PolicyV1): Description {
  const { people, groups, governance, attestors, apps, defaults } = after;
  const body = { people, groups, governance, attestors, apps, defaults };
  const before = {
    people: now.people,
    groups: now.groups,
    governance: now.governance,
    attestors: now.attestors,
    apps: now.apps,
    defaults: now.defaults,
  };
  return {
    ...NOTHING_MOVES,
    label: "policy",
    effect: ["changes ", { strong: "the policy" }, `: who may say yes, and to what${alone(after)}`],
    heads: [["Policy now"], ["After the merge"]],
    compared: changesOf(leavesOf(before), leavesOf(body)),
    told: [{ title: UNDONE, text: "propose the earlier policy again; decisions that were made under this one stay" }],
    commands: [{ command: "waybill gate open policy --help", does: "how a policy is changed again" }],
  };
}

function alone(policy: PolicyV1): string {
  const { approvers, minApprovals, requesterMayApprove } = resolveGovernance(policy);
  if (minApprovals <= 1 && requesterMayApprove) return ". After it, one person alone can change the policy";
  return approvers.length === minApprovals ? ". After it, every approver must agree to change the policy again" : "";
}

/** Describes a change of principals: which tokens may approve or administer. */
export function describePrincipals(after: PrincipalsV1, now: object | undefined): Description {
  const before = now !== undefined && "schema" in now && isPrincipals(now) ? now : null;
  return {
    ...NOTHING_MOVES,
    label: "policy",
    effect: ["changes ", { strong: "the principals" }, ": which tokens may approve or administer"],
    heads: [["Principals now"], ["After the merge"]],
    compared: changesOf(tokensOf(before), tokensOf(after)),
    told: [{ title: UNDONE, text: "propose the earlier list again; what a token did stays" }],
  };
}

const UNDONE = "If it must be undone";

function isPrincipals(document: { readonly schema: unknown }): document is PrincipalsV1 {
  return document.schema === "principals.v1";
}

/** Tokens without their hashes, which say nothing to people. */
function tokensOf(document: PrincipalsV1 | null): readonly Leaf[] {
  const tokens = document?.tokens ?? [];
  return tokens.map(({ token_id, person, scopes }) => ({
    path: token_id,
    value: `${person ?? "nobody"}: ${scopes.join(", ")}`,
  }));
}

function changesOf(now: readonly Leaf[], after: readonly Leaf[]): readonly Compared[] {
  const [was, is] = [now, after].map((leaves) => new Map(leaves.map(({ path, value }) => [path, value])));
  const paths = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])].toSorted(byCodePoint);
  const changed = paths.filter((path) => was?.get(path) !== is?.get(path));
  const rows = changed.slice(0, MAX_ROWS).map((path) => ({
    name: path,
    now: valueLine(was?.get(path)),
    after: valueLine(is?.get(path)),
  }));
  const rest = changed.length - rows.length;
  return rest === 0 ? rows : [...rows, { name: `${rest} more`, now: [], after: ["see the decision file"] }];
}

function valueLine(value: string | undefined): Line {
  if (value === undefined) return ["-"];
  return [{ code: value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE - 1)}…` : value }];
}
