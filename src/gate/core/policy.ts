import { byCodePoint } from "../../kernel/text.ts";
import type { ChannelRule, FreezeWindow, Grade, PolicyV1, SigstoreAttestor } from "../../schema/types.gen.ts";
import { GITHUB_ISSUER } from "./attested.ts";
import { windowProblem } from "./freeze.ts";
import { parsePublicKey } from "./ssh/openssh-key.ts";
import { type ChannelSettings, channelsOf, resolveChannel, resolveGovernance } from "./requirement.ts";

const GRADES: readonly Grade[] = ["recorded", "attested", "signed"];
const STRICTNESS: readonly ChannelSettings["policy"][] = ["off", "warn", "strict"];

/** Says all that is wrong with a policy beyond its schema; a policy with problems is approved by nobody. */
export function policyProblems(policy: PolicyV1): readonly string[] {
  return [
    ...peopleProblems(policy),
    ...namesProblems(policy),
    ...governanceProblems(policy),
    ...rulesOf(policy).flatMap(([where, rule]) => freezeProblems(where, rule.freeze ?? [])),
    ...inheritanceProblems(policy),
  ];
}

function peopleProblems(policy: PolicyV1): readonly string[] {
  const people = Object.entries(policy.people);
  const keys = people.flatMap(([name, person]) => person.keys.map((key) => [name, key] as const));
  const attestors = Object.entries(policy.attestors).flatMap(([name, { key }]) =>
    key === undefined ? [] : [[`attestor ${name}`, key] as const],
  );
  const workflows = Object.entries(policy.attestors).flatMap(([name, { sigstore }]) =>
    sigstore === undefined ? [] : [[`attestor ${name}`, workflowLine(sigstore)] as const],
  );
  const ids = people.flatMap(([name, { github }]) => (github === undefined ? [] : [[name, `${github.id}`] as const]));
  return [
    ...[...keys, ...attestors].flatMap(([name, key]) => (isKey(key) ? [] : [`a key of ${name} cannot be read`])),
    ...twice(
      [...keys, ...attestors].map(([name, key]) => [name, key.replaceAll("=", "")] as const),
      "one key",
    ),
    ...twice(ids, "one GitHub id"),
    ...twice(workflows, "one workflow"),
    ...Object.entries(policy.attestors).flatMap(([name, { key, sigstore }]) =>
      (key === undefined) === (sigstore === undefined)
        ? [`attestor ${name} needs a key or a workflow, and one of them`]
        : [],
    ),
    ...Object.keys(policy.groups)
      .filter((group) => Object.hasOwn(policy.people, group))
      .map((group) => `${group} is a person and a group`),
  ];
}

function workflowLine({ repository_id, workflow, issuer = GITHUB_ISSUER }: SigstoreAttestor): string {
  return `${repository_id} ${workflow} ${issuer}`;
}

function isKey(line: string): boolean {
  try {
    parsePublicKey(line);
    return true;
  } catch {
    return false;
  }
}

function twice(pairs: readonly (readonly [who: string, what: string])[], called: string): readonly string[] {
  const first = new Map<string, string>();
  const problems: string[] = [];
  for (const [who, what] of pairs) {
    const other = first.get(what);
    if (other !== undefined) problems.push(`${other} and ${who} have ${called}`);
    else first.set(what, who);
  }
  return problems;
}

function namesProblems(policy: PolicyV1): readonly string[] {
  const isKnown = (name: string) => Object.hasOwn(policy.people, name) || Object.hasOwn(policy.groups, name);
  const strangers = Object.entries(policy.groups).flatMap(([group, members]) =>
    members
      .filter((name) => !Object.hasOwn(policy.people, name))
      .map((name) => `${group} names ${name}, who is nobody`),
  );
  const approvers = [["governance", policy.governance] as const, ...rulesOf(policy)].flatMap(([where, rule]) =>
    [...(rule.approvers ?? []), ...("rollback" in rule ? (rule.rollback?.approvers ?? []) : [])]
      .filter((name) => !isKnown(name))
      .map((name) => `${where} names ${name}, who is nobody`),
  );
  return [...strangers, ...approvers];
}

/** A governance that nobody can satisfy would lock the repository for good. */
function governanceProblems(policy: PolicyV1): readonly string[] {
  const { approvers, minApprovals } = resolveGovernance(policy);
  if (approvers.length >= minApprovals) return [];
  return [`governance asks ${minApprovals} approvals of ${approvers.length} people`];
}

function freezeProblems(where: string, windows: readonly FreezeWindow[]): readonly string[] {
  return windows.flatMap((window) => {
    const problem = windowProblem(window);
    return problem === null ? [] : [`${where}: ${problem}`];
  });
}

/** A gated channel inherits only from gated channels with a rule at least as strict. */
function inheritanceProblems(policy: PolicyV1): readonly string[] {
  const apps = Object.entries(policy.apps).flatMap(([slug, app]) => (typeof app === "object" ? [slug] : []));
  return [...apps, ""].flatMap((app) =>
    channelsOf(policy, app).flatMap((name) => {
      const settings = resolveChannel(policy, app, name);
      if (settings.inherits === null || settings.mode !== "gated") return [];
      if (isAsStrict(resolveChannel(policy, app, settings.inherits), settings)) return [];
      return [`${app === "" ? "" : `${app}/`}${name} is gated and inherits from ${settings.inherits}, which asks less`];
    }),
  );
}

/** Tells whether a channel asks at least as much as another, so that this one may inherit from it. */
export function isAsStrict(source: ChannelSettings, than: ChannelSettings): boolean {
  const [of, at] = [source.requirement, than.requirement];
  return (
    source.mode === "gated" &&
    STRICTNESS.indexOf(source.policy) >= STRICTNESS.indexOf(than.policy) &&
    of.minApprovals >= at.minApprovals &&
    of.approvers.every((name) => at.approvers.includes(name)) &&
    (at.requesterMayApprove || !of.requesterMayApprove) &&
    isAtLeast(of.proof, at.proof)
  );
}

/** Tells whether a proof is worth at least a grade. */
function isAtLeast(grade: Grade, least: Grade): boolean {
  return GRADES.indexOf(grade) >= GRADES.indexOf(least);
}

function rulesOf(policy: PolicyV1): readonly (readonly [where: string, rule: ChannelRule])[] {
  const { channels, ...defaults } = policy.defaults;
  const apps = Object.entries(policy.apps).flatMap(([slug, app]) =>
    typeof app === "object"
      ? Object.entries(app.channels ?? {}).map(([name, rule]) => [`${slug}/${name}`, rule] as const)
      : [],
  );
  const named = Object.entries(channels ?? {}).map(([name, rule]) => [`defaults.${name}`, rule] as const);
  return [["defaults", defaults], ...named, ...apps];
}

/** Makes CODEOWNERS from a policy: people with a GitHub account, by path, so that the forge asks the right ones. */
export function codeOwners(policy: PolicyV1): string {
  const line = (pattern: string, people: readonly string[]) => {
    const logins = people.flatMap((name) => policy.people[name]?.github?.login ?? []).map((login) => `@${login}`);
    return logins.length === 0 ? [] : [`${pattern} ${logins.join(" ")}`];
  };
  const apps = Object.entries(policy.apps).flatMap(([slug, app]) => (typeof app === "object" ? [slug] : []));
  const channels = apps.toSorted(byCodePoint).flatMap((app) =>
    channelsOf(policy, app).flatMap((name) => {
      const { mode, requirement } = resolveChannel(policy, app, name);
      return mode === "gated" ? line(`/channels/${app}/${name}.json*`, requirement.approvers) : [];
    }),
  );
  const head = "# Generated by waybill from policy.json; a change of it alone is not honoured.";
  return `${[head, ...line("*", resolveGovernance(policy).approvers), ...channels].join("\n")}\n`;
}
