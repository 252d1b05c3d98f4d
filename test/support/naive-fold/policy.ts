import type { ApprovalRule, ChannelRule, Grade, PolicyV1 } from "../../../src/schema/types.gen.ts";

/** A policy without its header. */
export type PolicyRules = Pick<PolicyV1, "people" | "groups" | "governance" | "attestors" | "apps" | "defaults">;

/** Who must say yes: people by name, resolved from groups. */
export interface NaiveRule {
  readonly approvers: readonly string[];
  readonly min: number;
  readonly requesterMayApprove: boolean;
  readonly proof: Grade;
}

/** A channel as policy sees it, with every absent member filled in. */
export interface NaiveChannel {
  readonly promotion: NaiveRule;
  readonly rollback: NaiveRule;
  readonly mode: "auto" | "gated";
  readonly validation: "strict" | "warn" | "off";
  readonly soak: ChannelRule["soak"];
  readonly freeze: NonNullable<ChannelRule["freeze"]>;
  readonly inherits: string | undefined;
}

const GRADES: readonly Grade[] = ["recorded", "attested", "signed"];

/** How much a grade proves: more is more (section 6). */
export function worth(grade: Grade): number {
  return GRADES.indexOf(grade);
}

/** Rules name people or groups (section 4, People). */
function resolved(policy: PolicyRules, rule: ApprovalRule): NaiveRule {
  const { governance } = policy;
  const names = rule.approvers ?? governance.approvers;
  const members = names.flatMap((name) => policy.groups[name] ?? [name]);
  return {
    approvers: [...new Set(members)].filter((name) => Object.hasOwn(policy.people, name)),
    min: rule.min_approvals ?? governance.min_approvals,
    requesterMayApprove: rule.requester_may_approve ?? governance.requester_may_approve,
    proof: rule.proof ?? governance.proof,
  };
}

/** The rule of policy, people, configuration and yanks (section 4, Governance). */
export function governanceOf(policy: PolicyRules): NaiveRule {
  return resolved(policy, policy.governance);
}

/**
 * A channel's rule (distribution.md section 8). Whether `defaults` also fill in what an app's own channel leaves out is not said; here
 * each member comes from the first of the app's channel, the default channel of that name and the defaults that has it.
 */
export function channelOf(policy: PolicyRules, app: string, name: string): NaiveChannel {
  const { channels: byName, ...defaults } = policy.defaults;
  const ofApp = app === "create" ? undefined : policy.apps[app];
  const rules = typeof ofApp === "object" ? ofApp.channels : undefined;
  const rule: ChannelRule = { ...defaults, ...byName?.[name], ...rules?.[name] };
  // Absent members are those of the channel, else of governance (`rollback`: as the channel).
  const rollback = { ...rule, ...rule.rollback };
  return {
    promotion: resolved(policy, rule),
    rollback: resolved(policy, rollback),
    mode: rule.mode ?? "gated",
    validation: rule.policy ?? "strict",
    soak: rule.soak,
    freeze: rule.freeze ?? [],
    inherits: rule.inherits,
  };
}

/**
 * Why a policy is none, though its schema is satisfied. Section 4 says so of duplicate ids and keys and of what a channel inherits. It
 * does not say it of names that are nobody's or of two, of a governance that nobody can satisfy, of keys and windows that cannot be
 * read; readers could do no more with those.
 */
export function policyFault(policy: PolicyRules): string | null {
  const people = Object.values(policy.people);
  const keys = [
    ...people.flatMap((person) => person.keys),
    ...Object.values(policy.attestors).flatMap(({ key }) => key ?? []),
  ];
  const ids = people.flatMap((person) => (person.github === undefined ? [] : [person.github.id]));
  const governance = governanceOf(policy);
  const members = Object.values(policy.groups).flat();
  const windows = rulesIn(policy).flatMap(({ freeze = [] }) => freeze);
  const rows: readonly (readonly [string, boolean])[] = [
    ["two have one key", new Set(keys).size < keys.length],
    ["a key cannot be read", !keys.every((key) => isKey(key))],
    ["two people have one account", new Set(ids).size < ids.length],
    ["a person is a group too", Object.keys(policy.groups).some((name) => name in policy.people)],
    ["a group has a member who is nobody", !members.every((name) => name in policy.people)],
    ["a rule names nobody", !namesIn(policy).every((name) => name in policy.people || name in policy.groups)],
    ["nobody can satisfy governance", governance.approvers.length < governance.min],
    ["a window has no end", !windows.every(({ cron, minutes, from, to }) => (cron && minutes) || (from && to))],
    [
      "a channel inherits from a weaker one",
      channelsOf(policy).some(([app, name]) => inheritsFault(policy, app, name) !== null),
    ],
  ];
  return rows.find(([, isBroken]) => isBroken)?.[0] ?? null;
}

/** Whether the key of an OpenSSH line says of itself that it is of the line's type. */
function isKey(line: string): boolean {
  const [type = "", base64 = ""] = line.split(" ");
  return (
    Buffer.from(base64, "base64")
      .subarray(4, 4 + type.length)
      .toString("latin1") === type
  );
}

/** All channels that a policy names, and for each app those of the defaults. */
function channelsOf(policy: PolicyRules): readonly (readonly [app: string, name: string])[] {
  const apps = ["an app that nobody named", ...Object.keys(policy.apps).filter((app) => app !== "create")];
  const rules = [policy.defaults.channels ?? {}, ...Object.values(policy.apps).map((app) => channelsIn(app))];
  const names = new Set(rules.flatMap((channels) => Object.keys(channels)));
  return apps.flatMap((app) => [...names].map((name) => [app, name] as const));
}

function channelsIn(app: PolicyV1["apps"][string]): Readonly<Record<string, ChannelRule>> {
  return typeof app === "object" ? (app.channels ?? {}) : {};
}

/** Every rule of a channel. */
function rulesIn(policy: PolicyRules): readonly ChannelRule[] {
  const { channels, ...defaults } = policy.defaults;
  return [
    defaults,
    ...Object.values(channels ?? {}),
    ...Object.values(policy.apps).flatMap((app) => Object.values(channelsIn(app))),
  ];
}

/** Names of people and groups that rules name. */
function namesIn(policy: PolicyRules): readonly string[] {
  const rules: readonly ChannelRule[] = [policy.governance, ...rulesIn(policy)];
  return rules.flatMap(({ approvers = [], rollback }) => [...approvers, ...(rollback?.approvers ?? [])]);
}

/** Section 4: a gated channel inherits only from gated channels with a rule at least as strict. */
export function inheritsFault(policy: PolicyRules, app: string, name: string): string | null {
  const own = channelOf(policy, app, name);
  if (own.inherits === undefined || own.mode !== "gated") return null;
  const other = channelOf(policy, app, own.inherits);
  return isAtLeastAsStrict(other, own) ? null : `${name} inherits from ${own.inherits}, which has a weaker rule`;
}

const STRICTNESS = ["off", "warn", "strict"];

/** "At least as strict" is not spelled out: here the mode, who and how many approve, the proof, and what validation is asked. */
function isAtLeastAsStrict(channel: NaiveChannel, than: NaiveChannel): boolean {
  const [one, other] = [channel.promotion, than.promotion];
  return (
    channel.mode === "gated" &&
    STRICTNESS.indexOf(channel.validation) >= STRICTNESS.indexOf(than.validation) &&
    one.min >= other.min &&
    worth(one.proof) >= worth(other.proof) &&
    (!one.requesterMayApprove || other.requesterMayApprove) &&
    one.approvers.every((person) => other.approvers.includes(person))
  );
}
