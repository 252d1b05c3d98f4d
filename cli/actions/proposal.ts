import type { Span } from "../../src/kernel/markdown.ts";
import type { ReleaseRef, VerdictSummary } from "../../src/schema/types.gen.ts";
import type { Note } from "../action/annotations.ts";
import type { Part } from "../action/summary.ts";
import { versionText } from "../output/cells.ts";

/** A proposal as results name it. */
interface Named {
  readonly id: string;
  readonly url: string | null;
  readonly not_opened?: { readonly compare_url: string } | null;
}

/** What people call a proposal: `#128` where it is a pull request, else its id. */
export function proposalName({ id, url }: Named): string {
  const number = /\/pull\/(\d{1,12})$/.exec(url ?? "")?.[1];
  return number === undefined ? id : `#${number}`;
}

/** A proposal as a link to its pull request, or to where a person opens that; as code where there is neither. */
export function proposalSpan(proposal: Named): Span {
  const text = proposalName(proposal);
  const link = proposal.url ?? proposal.not_opened?.compare_url;
  return link === undefined ? { code: text } : { text, link };
}

/** Outputs of everything that may have opened a proposal. */
export function proposalOutputs(proposal: Named | null): {
  readonly proposal: string | null;
  readonly "proposal-url": string | null;
} {
  return { proposal: proposal?.id ?? null, "proposal-url": proposal?.url ?? null };
}

/** The notice that something waits for people. */
export function waitingNote(created: boolean, what: string, proposal: Named | null): readonly Note[] {
  if (proposal === null) return [];
  const message = `${what} waits for ${proposalName(proposal)}`;
  return [{ level: "notice", kind: created ? "Proposed" : "Waiting", message }];
}

/** A release as people say it; none is `(new)`. */
export function releaseText(ref: ReleaseRef | null): string {
  return ref === null ? "(new)" : versionText(ref.version, ref.build);
}

/** What a verdict waits for, a row for each rule that does not hold yet. */
export function verdictParts(verdict: VerdictSummary | null): readonly Part[] {
  const open = verdict?.rules.filter(({ status }) => status !== "ok") ?? [];
  if (verdict === null) return [];
  if (open.length === 0) return [{ kind: "line", spans: [{ strong: "Verdict" }, ` ${verdict.colour}`] }];
  return [
    { kind: "line", spans: [{ strong: "Verdict" }, ` ${verdict.colour}`] },
    {
      kind: "table",
      columns: [{ title: "Rule" }, { title: "Status" }, { title: "Needs" }],
      rows: open.map(({ rule, status, message }) => [[{ code: rule }], [status], [message]]),
    },
  ];
}

/** What a command answers that moves a channel, or proposes to. */
interface Move {
  readonly status: string;
  readonly planned: boolean;
  readonly channel: string;
  readonly to: ReleaseRef;
  readonly proposal: Named | null;
  readonly verdict: VerdictSummary | null;
  readonly commit: string | null;
}

/** What actions that move a channel say alike: outputs, the notice that it waits, and whether a proposal was opened. */
export const moveTold = {
  outputs: ({ status, to, proposal, verdict, commit }: Move) => ({
    status,
    version: to.version,
    "release-id": to.release_id,
    ...proposalOutputs(proposal),
    verdict: verdict?.colour ?? null,
    commit,
  }),
  notes: ({ status, channel, proposal }: Move) => waitingNote(status === "proposed", channel, proposal),
  opened: ({ status, planned }: Move) => status === "proposed" && !planned,
};
