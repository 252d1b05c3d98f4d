import { reason, type Refused, refuse } from "../src/kernel/errors.ts";
import { printable } from "../src/kernel/text.ts";
import type { ChannelRule, Grade } from "../src/schema/types.gen.ts";
import { type Args, listOf } from "./command.ts";

const MODES = ["auto", "gated"] as const;
const POLICIES = ["strict", "warn", "off"] as const;
const GRADES: readonly Grade[] = ["signed", "attested", "recorded"];
const YES_NO = ["yes", "no"] as const;

/** Reads the flags of a channel's rule; members that were not given are left out. */
export function channelRule(args: Args): ChannelRule | Refused {
  const mode = oneOf(args, "mode", MODES);
  const policy = oneOf(args, "policy", POLICIES);
  const proof = oneOf(args, "proof", GRADES);
  const mayApprove = oneOf(args, "requester-may-approve", YES_NO);
  const soak = soakOf(args["soak"]);
  for (const one of [mode, policy, proof, mayApprove, soak])
    if (typeof one === "object" && "refused" in one) return one;
  const approvers = listOf(args["approver"]);
  return {
    ...given("mode", mode),
    ...given("policy", policy),
    ...given("proof", proof),
    ...given("soak", soak),
    ...given("approvers", approvers.length === 0 ? undefined : approvers),
    ...given("min_approvals", numberOf(args["min-approvals"])),
    ...given("requester_may_approve", mayApprove === undefined ? undefined : mayApprove === "yes"),
    ...given("retention_keep", numberOf(args["retention-keep"])),
    ...given("inherits", typeof args["inherits"] === "string" ? args["inherits"] : undefined),
  };
}

function given<K extends string, V>(name: K, value: V | Refused | undefined): { readonly [P in K]?: V } {
  if (value === undefined || isRefusal(value)) return {};
  const member: { [P in K]?: V } = {};
  member[name] = value;
  return member;
}

function isRefusal(value: unknown): value is Refused {
  return typeof value === "object" && value !== null && "refused" in value;
}

function oneOf<T extends string>(args: Args, name: string, known: readonly T[]): T | Refused | undefined {
  const value = args[name];
  if (value === undefined) return undefined;
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  const message = `--${name} ${printable(String(value))} is none of ${known.join(", ")}`;
  return refuse(reason("usage.invalid_argument", message, { flag: name }));
}

function soakOf(value: Args[string]): NonNullable<ChannelRule["soak"]> | Refused | undefined {
  if (typeof value !== "string") return undefined;
  const [source = "", minutes = ""] = value.split("=");
  if (/^[a-z][a-z0-9-]{0,31}$/.test(source) && /^\d{1,6}$/.test(minutes)) return { source, minutes: Number(minutes) };
  return refuse(reason("usage.invalid_argument", "--soak is a channel and minutes, for example beta=1440"));
}

function numberOf(value: Args[string]): number | undefined {
  return typeof value === "number" ? value : undefined;
}
