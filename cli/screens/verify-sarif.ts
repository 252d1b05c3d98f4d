import { sha256Hex } from "../../src/kernel/digest.ts";
import { printable, safeJson } from "../../src/kernel/text.ts";
import type { StateVerifyResultV1, VerifyViolation, VerifyWarning } from "../../src/schema/types.gen.ts";
import { ruleMarkdown, ruleText } from "../../src/state/verify/rule-text.ts";
import type { VerifyRule } from "../../src/state/verify/rule.ts";

/** Most code points of one message; GitHub shows the first sentence in lists. */
const MAX_MESSAGE = 2000;
/** Most code points of a path in a location; the whole of it is in the properties. */
const MAX_PATH = 400;
const LEVELS = { violation: "error", warning: "warning" } as const;
/** What GitHub sorts security alerts by: high for what breaks a rule, low for what only may mislead. */
const SEVERITY = { violation: "8.0", warning: "2.0" } as const;

/**
 * Prints what verifying came to in SARIF 2.1.0, for code scanning. What is missing makes the run unsuccessful, so that an empty list
 * of results is never taken for "nothing is wrong". Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifText(result: StateVerifyResultV1, rules: readonly VerifyRule[]): string {
  const found: readonly Found[] = [
    ...result.violations.map((one) => ({ ...one, level: "violation" as const })),
    ...result.warnings.map((one) => ({ ...one, level: "warning" as const })),
  ];
  const run = {
    tool: { driver: { name: "waybill state verify", version: result.version, rules: rules.map(ruleOf) } },
    automationDetails: { id: "waybill-state-verify/" },
    columnKind: "utf16CodeUnits",
    invocations: [invocationOf(result)],
    results: resultsOf(found, rules),
    properties: { facts: result.facts, decisions: result.decisions, checked: result.checked },
  };
  const log = { $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
  return `${safeJson(log)}\n`;
}

type Found = (VerifyViolation | VerifyWarning) & { readonly level: VerifyRule["level"] };

function ruleOf(rule: VerifyRule) {
  return {
    id: rule.id,
    shortDescription: { text: rule.title },
    fullDescription: { text: rule.means },
    help: { text: ruleText(rule), markdown: ruleMarkdown(rule) },
    defaultConfiguration: { level: LEVELS[rule.level] },
    properties: {
      tags: ["security", "supply-chain"],
      precision: "very-high",
      "security-severity": SEVERITY[rule.level],
    },
  };
}

function invocationOf({ status, missing, not_checked }: StateVerifyResultV1) {
  return {
    executionSuccessful: missing.length === 0,
    exitCode: { verified: 0, violated: 1, incomplete: 4 }[status],
    toolExecutionNotifications: missing.map(({ branch, commit, message, next }) => ({
      level: "error",
      descriptor: { id: "state.verify.incomplete" },
      message: { text: said(`${branch}: ${message}. Next: ${next}`) },
      properties: { branch, commit },
    })),
    toolConfigurationNotifications: not_checked.map(({ what, message, next }) => ({
      level: "note",
      descriptor: { id: what },
      message: { text: said(`Not checked: ${message}${next === null ? "" : `. Next: ${next}`}`) },
    })),
  };
}

function resultsOf(found: readonly Found[], rules: readonly VerifyRule[]) {
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const counted = new Map(rules.map(({ id, counted: what }) => [id, what]));
  const seen = new Map<string, number>();
  return found.map((one) => {
    const hash = fingerprintOf(one, counted.get(one.rule));
    const nth = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, nth);
    const index = indexes.get(one.rule);
    return {
      ruleId: one.rule,
      ...(index === undefined ? {} : { ruleIndex: index }),
      level: LEVELS[one.level],
      message: { text: messageOf(one) },
      locations: [locationOf(one)],
      partialFingerprints: {
        primaryLocationLineHash: `${hash.slice(0, 16)}:${nth}`,
        "waybillFinding/v1": `${hash}:${nth}`,
      },
      properties: propertiesOf(one),
    };
  });
}

/** What stays when the words change and the tips move on: a finding about refs, snapshots or stores is of no commit. */
function fingerprintOf({ rule, branch, commit, path }: Found, counted: VerifyRule["counted"] | undefined): string {
  const isOfTips = counted === "refs" || counted === "snapshots" || counted === "artifacts";
  return sha256Hex(JSON.stringify([rule, branch, isOfTips ? null : commit, path]));
}

function messageOf(one: Found): string {
  const at = one.commit === null ? "" : ` (commit ${one.commit})`;
  const readers = "readers" in one ? ` Meanwhile: ${one.readers}` : "";
  const by =
    "pushed_by" in one && one.pushed_by !== null
      ? ` The commit says that it is by ${nameOf(one.pushed_by.author)}.`
      : "";
  return said(`${one.message}${at}.${by}${readers} Next: ${one.next}`);
}

/** Code scanning wants a file; the branch stands before the path, so that it is never taken for a file of the code. */
function locationOf({ branch, path, commit }: Found) {
  const uri = uriOf([...(branch === null ? [] : branch.split("/")), ...(path === null ? [] : path.split("/"))]);
  return {
    physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } },
    logicalLocations: [
      { fullyQualifiedName: `${branch ?? "refs"}${commit === null ? "" : `@${commit}`}`, kind: "commit" },
    ],
  };
}

function propertiesOf({ branch, commit, path, data, next, ...one }: Found) {
  const more = "readers" in one ? { readers: one.readers, committed_at: one.pushed_by?.committed_at ?? null } : {};
  const printed = path === null ? null : printable(path, MAX_MESSAGE);
  return { branch, commit, path: printed, data, next, ...more };
}

function uriOf(names: readonly string[]): string {
  const encoded = names.map((name) => {
    const segment = encodeURIComponent(printable(name, MAX_PATH));
    // A segment of dots would lead elsewhere.
    return /^\.+$/.test(segment) ? segment.replaceAll(".", "%2E") : segment;
  });
  return encoded.filter((segment) => segment !== "").join("/") || "waybill";
}

/** People's name without the address: what code scanning shows may be public. */
function nameOf(identity: string): string {
  return identity.replace(/\s*<[^>]*>.*$/s, "") || "nobody";
}

/** Text from outside in a message: nothing invisible, no link (`[text](target)`), no placeholder (`{0}`). Source: SARIF 2.1.0, 3.11.5 and 3.11.6. */
function said(text: string): string {
  return printable(text, MAX_MESSAGE)
    .replaceAll(/[{}]/g, "$&$&")
    .replaceAll(/[\\[\]]/g, (character) => (character === "\\" ? "\\\\" : `\\${character}`));
}
