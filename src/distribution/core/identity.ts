import { type Reason, reason } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { AppV1, DocumentCheck, IdentityRule, Platform } from "../../schema/types.gen.ts";
import type { ArtifactFacts } from "./artifact-facts.ts";
import { compareVersions } from "./version-order.ts";

/** The rule that a platform's artifacts are held against, and where it stands. */
export interface RuleAt {
  readonly rule: IdentityRule;
  readonly at: string;
}

/** Finds the rule of a platform: policy wins over the `bundle_ids` of the app; null where neither says anything. */
export function identityRule(
  policy: Readonly<Record<string, IdentityRule>> | undefined,
  app: Pick<AppV1, "slug" | "bundle_ids">,
  platform: Platform,
): RuleAt | null {
  if (policy !== undefined && Object.hasOwn(policy, platform)) {
    const rule = policy[platform];
    if (rule !== undefined) return { rule, at: `policy.json#/apps/${app.slug}/identity/${platform}` };
  }
  const id = Object.hasOwn(app.bundle_ids, platform) ? app.bundle_ids[platform] : undefined;
  return id === undefined ? null : { rule: { id }, at: `dist/apps/${app.slug}/app.json#/bundle_ids/${platform}` };
}

/** Platforms whose artifacts can carry an id at all. */
const WITH_IDENTITY: readonly Platform[] = ["android_aab", "android_apk", "ios", "macos", "windows"];

/** What holding an artifact against its rule gives: a refusal, or checks to record and warnings to print. */
export interface IdentityJudgement {
  readonly mismatch: Reason | null;
  readonly checks: readonly DocumentCheck[];
  readonly warnings: readonly Reason[];
}

/** One artifact as its rule sees it. */
export interface Judged {
  readonly app: Pick<AppV1, "slug" | "bundle_ids">;
  readonly platform: Platform;
  readonly filename: string;
  /** Place in the manifest, `dist.json#/artifacts/0`. */
  readonly at: string;
  readonly facts: ArtifactFacts;
}

/**
 * Holds an artifact against its identity rule. Another id refuses the publish; another signer, a minimum OS below the floor or a
 * forbidden permission is a failed check. Without a rule the id is recorded, and a warning says how to make one.
 */
export function judgeIdentity(found: RuleAt | null, artifact: Judged): IdentityJudgement {
  if (found === null) return { mismatch: null, checks: [], warnings: unruled(artifact) };
  const { rule, at } = found;
  const { facts } = artifact;
  if (facts.identity !== null && facts.identity !== rule.id)
    return { mismatch: mismatchOf(rule, at, artifact), checks: [], warnings: [] };
  const checks = [
    idCheck(rule, facts),
    signerCheck(rule, facts),
    minOsCheck(rule, facts),
    permissionCheck(rule, facts),
  ];
  return { mismatch: null, checks: checks.flatMap((one) => one ?? []), warnings: [] };
}

function mismatchOf(rule: IdentityRule, at: string, { filename, facts, ...artifact }: Judged): Reason {
  const found = printable(facts.identity ?? "");
  return reason(
    "dist.artifact.identity_mismatch",
    `${printable(filename)} belongs to another app`,
    { expected: rule.id, expected_at: at, found, found_at: artifact.at, platform: artifact.platform },
    "Publish the release build; if the id really changed: dist app set --help",
  );
}

function unruled({ app, platform, facts, filename }: Judged): readonly Reason[] {
  if (!WITH_IDENTITY.includes(platform) || facts.identity === null) return [];
  const id = printable(facts.identity);
  const message = `${printable(filename)} is ${id}, and no rule says which id ${platform} must have`;
  // People paste hints into a shell, and the id is whatever the bytes say.
  const typed = /^[A-Za-z0-9._-]+$/.test(id) ? id : "<id>";
  const hint = `dist app set ${app.slug} --bundle-id ${platform}=${typed}`;
  return [reason("dist.identity.unruled", message, { platform, found: id }, hint)];
}

function idCheck(rule: IdentityRule, facts: ArtifactFacts): DocumentCheck {
  if (facts.identity === rule.id) return check("identity.id", "passed", `The id is ${rule.id}`);
  return check("identity.id", "warning", `The id cannot be read from the file, so it is not known to be ${rule.id}`);
}

function signerCheck(rule: IdentityRule, facts: ArtifactFacts): DocumentCheck | null {
  if (rule.signers === undefined) return null;
  const isExpected = facts.signers.length > 0 && facts.signers.every((signer) => rule.signers?.includes(signer));
  return isExpected
    ? check("identity.signer", "passed", "The signer is the expected one")
    : check("identity.signer", "failed", "The signer is not one that policy expects", { found: facts.signers });
}

function minOsCheck(rule: IdentityRule, facts: ArtifactFacts): DocumentCheck | null {
  if (rule.min_os === undefined) return null;
  if (facts.minOs === null) return check("identity.min_os", "failed", "The file does not say its minimum OS");
  const isBelow = compareVersions(numbersOf(facts.minOs), numbersOf(rule.min_os)) < 0;
  return isBelow
    ? check("identity.min_os", "failed", `The minimum OS ${printable(facts.minOs)} is below ${rule.min_os}`)
    : check("identity.min_os", "passed", `The minimum OS is ${printable(facts.minOs)}`);
}

/** `API 26` and `26` are one minimum. */
function numbersOf(text: string): string {
  return /\d.*/.exec(text)?.[0] ?? text;
}

function permissionCheck(rule: IdentityRule, facts: ArtifactFacts): DocumentCheck | null {
  if (rule.forbidden_permissions === undefined) return null;
  const found = facts.permissions.filter((permission) => rule.forbidden_permissions?.includes(permission));
  if (found.length === 0) return check("identity.permissions", "passed", "No forbidden permission is asked for");
  return check("identity.permissions", "failed", `It asks for ${found.map((name) => printable(name)).join(", ")}`, {
    found,
  });
}

function check(
  id: string,
  status: DocumentCheck["status"],
  message: string,
  detail: DocumentCheck["detail"] = {},
): DocumentCheck {
  return { id, status, message, detail };
}
