import { pendingRemedy } from "../../src/gate/core/pending.ts";
import type {
  GateApprovalsSoFar,
  GateAttestResultV1,
  GateListResultV1,
  GateMergeResultV1,
  GateProposal,
  GateShowResultV1,
  GateSyncResultV1,
  GateVerdict,
} from "../../src/schema/types.gen.ts";
import { absoluteText, agoText, counted, shortCommit, when, word } from "../output/cells.ts";
import type { Block, Screen, Tone } from "../screen.ts";
import { approvalLines, gradeText, proofText } from "./parts.ts";

const TONES: Readonly<Record<GateVerdict["rules"][number]["status"], Tone>> = {
  ok: "ok",
  wait: "wait",
  refuse: "refuse",
  unknown: "wait",
};
const COLOURS: Readonly<Record<GateVerdict["colour"], Tone>> = { green: "ok", red: "wait", unknown: "wait" };

/** A proposal by its id, and by the number of its pull request where there is one. */
export function numbered({ id, number }: { readonly id: string; readonly number?: number | null }): readonly string[] {
  return typeof number === "number" ? [id, `#${number}`] : [id];
}

/** Says a verdict in one line: its colour, and what it waits for. */
export function verdictText({ colour, rules }: GateVerdict): string {
  if (colour === "green") return "green";
  const broken = rules.filter(({ status }) => status !== "ok");
  return `${colour}: ${broken.map(({ rule, message }) => `${rule} ${message}`).join("; ")}`;
}

/** The screen of `gate list`. */
export function listScreen({ proposals }: GateListResultV1, now: Date): Screen {
  const table: Block = {
    kind: "table",
    columns: [
      { title: "PROPOSAL" },
      { title: "DECISION", free: true },
      { title: "VERDICT" },
      { title: "NEEDS", free: true },
      { title: "OPEN SINCE" },
    ],
    rows: proposals.map(({ proposal, verdict, approvals }) => [
      { show: numbered(proposal).at(-1) ?? proposal.id, raw: proposal.id },
      word(proposal.title),
      word(verdict.colour, COLOURS[verdict.colour]),
      word(needsText(verdict, approvals)),
      when(proposal.requested_at, now),
    ]),
  };
  if (proposals.length === 0) return { blocks: [], empty: "No open proposals" };
  return { blocks: [table], next: [`waybill gate show ${proposals[0]?.proposal.id ?? ""}`] };
}

/** What is missing; of approvals how far they are, also where nobody can reach them. */
function needsText({ colour, rules }: GateVerdict, approvals: GateApprovalsSoFar | undefined): string {
  if (colour === "green") return "merge";
  const so = approvals && `${approvals.counted.length} of ${approvals.needed}`;
  return rules
    .filter(({ status }) => status !== "ok")
    .map(({ rule, status }) => {
      if (rule !== "approvals" || !so) return `${rule} ${status}`;
      return status === "wait" ? `approvals ${so}` : `approvals ${so} ${status}`;
    })
    .join(", ");
}

/** The screen of `gate show`. */
export function showScreen(result: GateShowResultV1, now: Date): Screen {
  const { proposal, verdict, approvals, decision, problem } = result;
  return {
    blocks: [
      {
        kind: "line",
        label: "Proposal",
        parts: [proposal.title ?? proposal.path ?? "unreadable", ...numbered(proposal), stateText(proposal, now)],
      },
      ...askedBlocks(proposal, approvals),
      ...changeBlocks(result),
      ...(verdict === null ? [] : verdictBlocks(verdict)),
      ...(approvals === null ? [] : approvalLines({ approved_by: approvals.counted })),
      ...(decision === null ? [] : decisionLines(decision)),
      ...(problem === null ? [] : [{ kind: "line", label: "Why", parts: [problem.message], tone: "refuse" } as const]),
    ],
    next: nextOf(result),
  };
}

function stateText({ state, requested_at }: GateProposal, now: Date): string {
  if (state !== "open") return state.replaceAll("_", " ");
  return requested_at === null ? "open" : openFor(requested_at, now);
}

/** How long something has been open: `open for 2 h`. */
export function openFor(since: string, now: Date): string {
  const age = agoText(Math.max(0, now.getTime() - Date.parse(since))).replace(/ ago$/, "");
  return `open for ${age === "just now" ? "less than a minute" : age}`;
}

function askedBlocks(
  { requested_by, reason, head }: GateProposal,
  approvals: GateShowResultV1["approvals"],
): readonly Block[] {
  if (requested_by === null) return [];
  const others = (approvals?.requesters ?? []).filter((name) => name !== requested_by.name);
  const parts = [
    `${requested_by.name}: "${reason ?? ""}"`,
    ...(head === null ? [] : [`head ${shortCommit(head)}`]),
    // The name is what the proposal says of itself; keys and accounts say who it was.
    ...(others.length > 0 ? [`asked for by ${others.join(", ")}`] : []),
  ];
  return [{ kind: "line", label: "Asked by", parts }];
}

function changeBlocks({ changes }: GateShowResultV1): readonly Block[] {
  if (changes.length === 0) return [];
  const rows = changes.map(({ name, now, after }) => [word(name), word(now), word(after)]);
  return [
    {
      kind: "table",
      columns: [{ title: "CHANGE" }, { title: "NOW", free: true }, { title: "AFTER THE MERGE", free: true }],
      rows,
    },
  ];
}

function verdictBlocks(verdict: GateVerdict): readonly Block[] {
  const count = (status: string) => verdict.rules.filter((rule) => rule.status === status).length;
  const counts = `${count("wait")} wait, ${count("refuse")} refuse`;
  const summary = verdict.colour === "green" ? "green" : `${verdict.colour}: ${counts}`;
  return [
    {
      kind: "line",
      label: "Verdict",
      parts: [summary, `policy ${shortCommit(verdict.policy)}`],
      tone: COLOURS[verdict.colour],
    },
    {
      kind: "table",
      columns: [{ title: "STATUS" }, { title: "RULE" }, { title: "MESSAGE", free: true }],
      rows: verdict.rules.map(({ rule, status, message }) => [word(status, TONES[status]), word(rule), word(message)]),
    },
  ];
}

function decisionLines(decision: NonNullable<GateShowResultV1["decision"]>, label = "Merged"): readonly Block[] {
  const { merged_at: at, commit, approvers } = decision;
  const grade = `grade ${gradeText(decision) ?? "root"}`;
  const parts = [absoluteText(at), shortCommit(commit), grade, ...(approvers.length === 0 ? ["by waybill init"] : [])];
  return [{ kind: "line", label, parts }, ...approvalLines(decision)];
}

function nextOf({ proposal, verdict, problem, decision_sha256: seen }: GateShowResultV1): readonly string[] {
  const { id, url, state, not_opened: notOpened } = proposal;
  if (state === "pending") return [pendingRemedy(problem?.message ?? "")];
  if (verdict === null) return [];
  if (verdict.rules.some(({ status }) => status === "refuse")) return [`waybill gate reject ${id} --reason "…"`];
  if (notOpened) return notOpened.hints;
  // People approve and merge on its page; signing and merging from here serve too, where policy knows their keys.
  if (url !== null) return verdict.colour === "green" ? [`waybill gate merge ${id}`, url] : [url];
  if (verdict.colour === "green") return [`waybill gate merge ${id}`];
  const waitsForPeople = verdict.rules.some(({ rule, status }) => rule === "approvals" && status !== "ok");
  const which = seen === null ? id : `${id} --decision ${seen}`;
  return [waitsForPeople ? `waybill gate approve ${which}` : `waybill gate merge ${id}`];
}

/** The screen of `gate merge`. */
export function mergeScreen(result: GateMergeResultV1): Screen {
  const { planned, created, title, path, proposal_id, decision, superseded } = result;
  const label = planned ? "Planned" : created ? "Merged" : "Unchanged";
  return {
    blocks: [
      {
        kind: "line",
        label,
        parts: [title, proposal_id, planned ? "in force after the merge" : "in force"],
        tone: "ok",
      },
      ...decisionLines(decision, "Proof"),
      ...supersededLines(superseded),
    ],
    // Rules of the forge follow policy, and only an administrator changes them.
    ...(path === "policy.json" && created && !planned ? { next: ["waybill doctor"] } : {}),
  };
}

/** The screen of `gate attest`. */
export function attestScreen({ planned, created, proposal_id, decision, problem }: GateAttestResultV1): Screen {
  const label = planned ? "Planned" : created ? "Recorded" : "Unchanged";
  const blocks: Block[] = [
    { kind: "line", label, parts: [proposal_id, decision === null ? "not honoured" : "in force"] },
  ];
  if (decision !== null) blocks.push(...decisionLines(decision, "Proof"));
  if (problem !== null) blocks.push({ kind: "line", label: "Why", parts: [problem], tone: "refuse" });
  return { blocks };
}

function supersededLines(superseded: GateSyncResultV1["superseded"]): readonly Block[] {
  return superseded.map(({ proposal_id, winner, command }) => {
    const again = command === null ? "propose it again" : `propose it again: ${command}`;
    return {
      kind: "line",
      label: "Superseded",
      parts: [proposal_id, `${winner ?? "another decision"} was merged first`, again],
      tone: "wait",
    };
  });
}

/** The screen of `gate sync`. */
export function syncScreen(result: GateSyncResultV1): Screen {
  const { recorded, open, superseded, finished, sealed } = result;
  const honoured = `${recorded.length} ${recorded.length === 1 ? "decision" : "decisions"} recorded`;
  const waiting = `${open.length} ${open.length === 1 ? "proposal" : "proposals"} open`;
  return {
    blocks: [
      {
        kind: "line",
        label: result.planned ? "Planned" : "Gate sync",
        parts: [honoured, waiting, `${finished.length} finished`],
      },
      ...recorded.map(
        ({ proposal_id, path, title, decision }) =>
          ({
            kind: "line",
            label: "Recorded",
            parts: [title ?? path, proposal_id, `grade ${proofText(decision) ?? "root"}`],
          }) as const,
      ),
      ...result.alarms.map(
        ({ message }) => ({ kind: "line", label: "Alarm", parts: [message], tone: "refuse" }) as const,
      ),
      ...result.unknown.map(
        ({ message }) => ({ kind: "line", label: "Unknown", parts: [message], tone: "wait" }) as const,
      ),
      ...(sealed === undefined
        ? []
        : [
            {
              kind: "line",
              label: "Sealed",
              parts: [
                `${counted(sealed.documents, "old file")} into ${counted(sealed.segments, "segment")}`,
                shortCommit(sealed.commit),
              ],
            } as const,
          ]),
      ...supersededLines(superseded),
      ...open.map(
        ({ proposal, verdict }) =>
          ({
            kind: "line",
            label: "Open",
            parts: [proposal.title ?? proposal.id, ...numbered(proposal), verdictText(verdict)],
          }) as const,
      ),
    ],
  };
}
