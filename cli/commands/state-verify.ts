import type { Reason } from "../../src/kernel/errors.ts";
import type { StateVerifyResultV1 } from "../../src/schema/types.gen.ts";
import { defineCommand } from "../command.ts";
import { agoText, durationText, shortCommit } from "../output/cells.ts";
import type { Block } from "../screen.ts";

/** `waybill state verify`. */
export const stateVerify = defineCommand({
  path: "state verify",
  group: "Look and prove",
  summary: "Prove history offline: nothing edited, nothing unapproved",
  examples: ["state verify", "state verify --full --artifacts", "state verify --server ./clone --json"],
  effects: [
    "both branches were walked from the root and every rule holds   exit 0",
    "a rule is broken: commit, path, rule and what to do   exit 1",
    "history is missing here, as in a shallow clone   exit 4",
  ],
  options: {
    full: { type: "boolean", describe: "Start at the root although an earlier walk is remembered" },
    artifacts: { type: "boolean", describe: "Read the bytes of every stored artifact too" },
  },
  needs: ["ground", "snapshotGround", "artifacts", "log"],
  result: "state-verify-result.v1",
  async run({ ground, snapshotGround, artifacts, log }, args) {
    const { verifyRepository } = await import("../../src/gate/verify-repository.ts");
    const { stateChecks } = await import("../../src/state/checks.ts");
    const { snapshotEquals } = await import("../../src/state/verify/snapshot-equals.ts");
    const { artifactBytes, recordedRows } = await import("../../src/distribution/checks.ts");
    const count = { records: 0, read: 0 };
    const task = log.task("Verifying commits", null);
    const result = await verifyRepository(ground, {
      version: snapshotGround.version,
      checks: [...stateChecks, recordedRows],
      ending: (walked) => [
        artifactBytes(args["artifacts"] === true ? artifacts : null, count),
        snapshotEquals({ ...snapshotGround, decisions: async () => walked?.decisions ?? null }),
      ],
      full: args["full"] === true,
      progress: (done) => task.step(done),
    });
    task.end();
    const { exit, error } = endingOf(result);
    const warnings = args["artifacts"] === true && count.read < count.records ? [unread(count)] : [];
    return { result: { ...result, artifacts: count }, exit, warnings, ...(error === null ? {} : { error }) };
  },
  screen: async (result, now) => ({ blocks: blocksOf(result, now) }),
});

type Facts = Omit<StateVerifyResultV1, "artifacts">;

function unread({ records, read }: StateVerifyResultV1["artifacts"]): Reason {
  const message = `The bytes of ${records - read} of ${countText(records, "artifact")} were not read: they are in another store`;
  const hints = ['Those on GitHub: GITHUB_TOKEN="$(gh auth token)"', "Those in a folder: --local-store"];
  return { code: "artifact.elsewhere", message, data: { records, read }, hints };
}

function endingOf(result: Facts): { readonly exit: 0 | 1 | 4; readonly error: Reason | null } {
  const { violation_count, commits_violated, missing } = result;
  const [violation] = result.violations;
  if (violation !== undefined) {
    const message = `${violation_count} violations in ${commits_violated} commits, the first: ${violation.rule}: ${violation.message}`;
    const data = { rule: violation.rule, commit: violation.commit, path: violation.path, violation_count };
    return { exit: 1, error: { code: "state.verify.violated", message, data, hints: [violation.next] } };
  }
  const [lack] = missing;
  if (lack === undefined) return { exit: 0, error: null };
  const data = { branch: lack.branch, commit: lack.commit };
  return { exit: 4, error: { code: "state.verify.incomplete", message: lack.message, data, hints: [lack.next] } };
}

function blocksOf(result: StateVerifyResultV1, now: Date): readonly Block[] {
  const { facts, decisions, status } = result;
  const first: Block[] =
    status === "verified"
      ? [{ kind: "line", label: "Verified", tone: "ok", parts: [walkedText(result)] }]
      : result.missing.map(({ branch, message, next }) => ({
          kind: "line",
          label: "Incomplete",
          tone: "wait",
          parts: [`${branch}: ${message}; ${next}`],
        }));
  return [
    ...first,
    ...violationBlocks(result),
    {
      kind: "line",
      label: "As of",
      parts: [
        [
          `state ${shortCommit(facts.tip)} (${ageText(facts.at, now)})`,
          decisions === null
            ? ", no decisions here"
            : `, decisions ${shortCommit(decisions.tip)} (${ageText(decisions.at, now)})`,
          ", no checkpoint",
          bytesText(result),
        ].join(""),
      ],
    },
    ...result.pending.map(
      ({ commit, paths, message }): Block => ({
        kind: "line",
        label: "Pending",
        tone: "wait",
        parts: [`${shortCommit(commit)} ${paths.join(", ")}: ${message}; waybill gate sync`],
      }),
    ),
  ];
}

function walkedText({ facts, decisions, duration_ms }: StateVerifyResultV1): string {
  const merges = decisions === null ? "" : ` and ${countText(decisions.commits, "decision")}`;
  const remembered =
    facts.remembered > 0 ? ` (${facts.remembered.toLocaleString("en-US")} remembered; --full starts over)` : "";
  return `${countText(facts.commits, "commit")} of facts${merges} from the root, offline in ${durationText(duration_ms)}${remembered}`;
}

function violationBlocks(result: StateVerifyResultV1): readonly Block[] {
  const { violations, violation_count, commits_violated, facts, decisions } = result;
  if (violation_count === 0) return [];
  const walked = facts.commits + (decisions?.commits ?? 0);
  const more = violation_count - violations.length;
  const what = `${violation_count} ${violation_count === 1 ? "rule" : "rules"} broken in ${commits_violated} of ${countText(walked, "commit")}`;
  return [
    { kind: "line", label: "Violated", tone: "refuse", parts: [what] },
    ...violations.flatMap(({ rule, commit, message, next }): readonly Block[] => [
      {
        kind: "line",
        label: `  ${rule}`,
        tone: "refuse",
        parts: [commit === null ? "" : shortCommit(commit), message],
      },
      { kind: "line", label: "", parts: ["next", next] },
    ]),
    ...(more > 0 ? [{ kind: "line", label: "", parts: [`and ${more} more`] } as const] : []),
  ];
}

function bytesText({ artifacts }: StateVerifyResultV1): string {
  if (artifacts.records === 0) return "";
  const bytes = `; bytes of ${countText(artifacts.records, "artifact")}`;
  return artifacts.read === 0
    ? `${bytes} not read: --artifacts reads them`
    : `${bytes}, ${artifacts.read} of them read`;
}

function countText(n: number, noun: string): string {
  return `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;
}

function ageText(at: string, now: Date): string {
  return agoText(Math.max(0, now.getTime() - Date.parse(at))).replace(/ ago$/, " old");
}
