import { countText } from "../../src/kernel/count.ts";
import { pendingRemedy } from "../../src/gate/core/pending.ts";
import type { NotChecked, StateVerifyResultV1, VerifyViolation, VerifyWarning } from "../../src/schema/types.gen.ts";
import type { Args } from "../command.ts";
import { absoluteText, agoText, count, counted, durationText, shortCommit, word } from "../output/cells.ts";
import type { Block, Screen } from "../screen.ts";
import { PRINTED } from "../verify-sarif-file.ts";
import { verifyRules } from "../verify-rules.ts";
import { sarifText } from "./verify-sarif.ts";

/** Where a rule was held from. */
const SPANS = {
  root: "the root",
  remembered: "the end of an earlier run",
  cut: "where history is cut",
  tips: "the tips",
} as const;
/** What is said in other lines of the screen already, or of every repository. */
const SAID_ELSEWHERE = ["artifact.bytes", "artifact.elsewhere", "checkpoint.absent", "history.remembered"];

/** The screen of `state verify`: how it ended, what is wrong, what it rests on, what it does not say. */
export function verifyScreen(result: StateVerifyResultV1, now: Date, args: Args): Screen {
  if (args["sarif"] === PRINTED) return { blocks: [{ kind: "text", text: sarifText(result, verifyRules).trimEnd() }] };
  return {
    blocks: [
      ...endBlocks(result),
      ...violationBlocks(result),
      ...warningBlocks(result),
      { kind: "line", label: "As of", parts: [asOf(result, now)], wraps: true },
      ...pendingBlocks(result),
      ...uncheckedBlocks(result.not_checked, args["verbose"] === true),
      ...(args["verbose"] === true ? [checkedTable(result)] : []),
    ],
  };
}

function endBlocks(result: StateVerifyResultV1): readonly Block[] {
  if (result.status === "verified")
    return [{ kind: "line", label: "Verified", tone: "ok", parts: [walkedText(result)], wraps: true }];
  return result.missing.map(({ branch, message, next }) => ({
    kind: "line",
    label: "Incomplete",
    tone: "wait",
    parts: [`${branch}: ${message}; ${next}`],
    wraps: true,
  }));
}

function walkedText({ facts, decisions, duration_ms }: StateVerifyResultV1): string {
  const walked = [
    ...(facts === null ? [] : [`${counted(facts.commits, "commit")} of facts`]),
    ...(decisions === null ? [] : [counted(decisions.commits, "decision")]),
  ].join(" and ");
  const skipped = (facts?.remembered ?? 0) + (decisions?.remembered ?? 0);
  const remembered = skipped > 0 ? ` (${countText(skipped)} remembered; --full starts over)` : "";
  return `${walked} from the root, offline in ${durationText(duration_ms)}${remembered}`;
}

function violationBlocks(result: StateVerifyResultV1): readonly Block[] {
  const { violations, violation_count, commits_violated, facts, decisions } = result;
  if (violation_count === 0) return [];
  const walked = (facts?.commits ?? 0) + (decisions?.commits ?? 0);
  const what = `${counted(violation_count, "violation")} in ${countText(commits_violated)} of ${counted(walked, "commit")}`;
  return [
    { kind: "line", label: "Violated", tone: "refuse", parts: [what] },
    ...violations.flatMap((one, i) =>
      violationLines(one, violations.findIndex((of) => of.commit === one.commit) === i),
    ),
    ...more(violation_count - violations.length),
  ];
}

function violationLines(violation: VerifyViolation, isFirst: boolean): readonly Block[] {
  const { rule, commit, message, pushed_by, readers, next } = violation;
  const at = commit === null ? "" : shortCommit(commit);
  return [
    { kind: "line", label: `  ${rule}`, tone: "refuse", parts: [at, message], wraps: true },
    ...(pushed_by === null || !isFirst
      ? []
      : [{ kind: "line", label: "", parts: [`by       ${byText(pushed_by)}`], wraps: true } as const]),
    { kind: "line", label: "", parts: [`readers  ${readers}`], wraps: true },
    { kind: "line", label: "", parts: [`next     ${next}`], wraps: true },
  ];
}

/** Whoever made the commit chose these words, so they are marked as its own. */
function byText({ author, committer, committed_at, actor }: NonNullable<VerifyViolation["pushed_by"]>): string {
  const [wrote, committed] = [nameOf(author), nameOf(committer)];
  const through = committed === wrote ? "" : ` through ${committed}`;
  // A job summary shows this too, and no address belongs there.
  const trailer = actor === null ? "" : `, as ${actor.includes("@") ? actor.replace(/:.*$/s, "") : actor}`;
  return `${wrote}${through}${trailer}, ${committed_at.slice(0, 10)} ${committed_at.slice(11, 16)} UTC, says the commit of itself`;
}

function nameOf(identity: string): string {
  return identity.replace(/\s*<[^>]*>.*$/s, "") || "nobody";
}

function warningBlocks({ warnings, warning_count }: StateVerifyResultV1): readonly Block[] {
  if (warning_count === 0) return [];
  return [
    {
      kind: "line",
      label: "Warned",
      tone: "wait",
      parts: [`${counted(warning_count, "thing")} to look at, no rule broken`],
    },
    ...warnings.flatMap(warningLines),
    ...more(warning_count - warnings.length),
  ];
}

function warningLines({ rule, commit, message, next }: VerifyWarning): readonly Block[] {
  const at = commit === null ? "" : shortCommit(commit);
  return [
    { kind: "line", label: `  ${rule}`, tone: "wait", parts: [at, message], wraps: true },
    { kind: "line", label: "", parts: [`next     ${next}`], wraps: true },
  ];
}

function more(left: number): readonly Block[] {
  return left > 0 ? [{ kind: "line", label: "", parts: [`and ${countText(left)} more of the same rules`] }] : [];
}

function asOf(result: StateVerifyResultV1, now: Date): string {
  const { facts, decisions } = result;
  return [
    facts === null ? "no facts here" : `state ${shortCommit(facts.tip)} (${ageText(facts.at, now)})`,
    decisions === null
      ? ", no decisions here"
      : `, decisions ${shortCommit(decisions.tip)} (${ageText(decisions.at, now)})`,
    checkpointText(result),
    bytesText(result),
  ].join("");
}

function checkpointText({ checkpoint }: StateVerifyResultV1): string {
  if (checkpoint === null) return ", no checkpoint";
  const { status, age_seconds, expires } = checkpoint;
  if (status === "forged") return ", a checkpoint that vouches for nothing";
  const age = agoText(age_seconds * 1000).replace(/ ago$/, " old");
  return `, checkpoint ${age}, ${status === "valid" ? `good until ${absoluteText(expires)}` : "expired"}`;
}

function bytesText({ artifacts }: StateVerifyResultV1): string {
  if (artifacts.records === 0) return "";
  const bytes = `; bytes of ${counted(artifacts.records, "artifact")}`;
  return artifacts.read === 0
    ? `${bytes} not read: --artifacts reads them`
    : `${bytes}, ${countText(artifacts.read)} of them read`;
}

function pendingBlocks({ pending, pending_count }: StateVerifyResultV1): readonly Block[] {
  return [
    ...pending.flatMap(({ commit, paths, message }): Block[] => [
      {
        kind: "line",
        label: "Pending",
        tone: "wait",
        parts: [`${shortCommit(commit)} ${paths.join(", ")}: ${message}`],
        wraps: true,
      },
      { kind: "line", label: "", parts: [`next     ${pendingRemedy(message)}`], wraps: true },
    ]),
    ...more(pending_count - pending.length),
  ];
}

function uncheckedBlocks(rows: readonly NotChecked[], all: boolean): readonly Block[] {
  return rows
    .filter(({ what, why }) => all || (why !== "not_possible" && !SAID_ELSEWHERE.includes(what)))
    .map(({ message, next }) => ({
      kind: "line",
      label: "Unchecked",
      tone: "dim",
      parts: [next === null ? message : `${message}; ${next}`],
      wraps: true,
    }));
}

function checkedTable({ checked }: StateVerifyResultV1): Block {
  return {
    kind: "table",
    columns: [
      { title: "RULE" },
      { title: "SAW", align: "right" },
      { title: "OF" },
      { title: "FROM" },
      { title: "BROKEN", align: "right" },
    ],
    rows: checked.map(({ rule, seen, counted: what, span, broken }) => [
      word(rule, broken > 0 ? "refuse" : "plain"),
      count(seen),
      word(what),
      { show: SPANS[span], raw: span },
      count(broken),
    ]),
  };
}

function ageText(at: string, now: Date): string {
  return agoText(Math.max(0, now.getTime() - Date.parse(at))).replace(/ ago$/, " old");
}
