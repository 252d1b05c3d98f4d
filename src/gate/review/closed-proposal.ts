import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Proposal } from "../../ports/forge.ts";
import type { AuditEventV1 } from "../../schema/types.gen.ts";
import { STATE } from "../../state/branches.ts";
import { folderFinder, kindFinder } from "../../state/document-kind.ts";
import { isNoDocument } from "../../state/no-document.ts";
import { openView } from "../../state/view.ts";
import type { GateGround } from "../ground.ts";
import { loadDecisions } from "../view/view.ts";

/** Newest commits on facts in which the end of a proposal is looked for. */
const MAX_COMMITS = 2000;

/**
 * Says what became of a proposal that is not open: merged, superseded, rejected, closed on its forge, or never there. What its end left
 * behind was there before its branch went, so it is looked for anew: what the caller has read may be from before.
 */
export async function whyNotOpen(ground: GateGround, id: string, pull: Proposal | null): Promise<ToolError> {
  const shown = printable(id);
  const tip = await ground.store.head(STATE, { fresh: true });
  if ((await loadDecisions(ground)).isUsed(id))
    return closed(shown, "is merged already", [`waybill gate show ${shown}`]);
  const end = await endOf(ground, tip, id);
  if (end !== null) return closed(shown, ...wordsOf(end));
  const found = pull === null || pull.state === "open" ? ((await ground.forge?.find(id)) ?? pull) : pull;
  if (found !== null && found.state !== "open")
    return closed(shown, `(#${found.number ?? 0}) is ${found.state} on ${ground.forge?.name ?? "its forge"}`, [
      "Propose it again",
    ]);
  return new ToolError("gate.proposal.not_found", `There is no proposal ${shown}`, {
    data: { proposal_id: shown },
    hints: ["waybill gate list"],
  });
}

function closed(shown: string, is: string, hints: readonly string[]): ToolError {
  return new ToolError("gate.proposal.closed", `${shown} ${is}`, { data: { proposal_id: shown }, hints });
}

function wordsOf({ action, metadata }: AuditEventV1): readonly [is: string, hints: readonly string[]] {
  const text = (name: string) => (typeof metadata[name] === "string" ? printable(metadata[name], 300) : null);
  if (action === "proposal.rejected")
    return [`was rejected: ${text("reason") ?? "no reason given"}`, ["Propose it again"]];
  const again = text("command");
  return [
    `was superseded: ${text("winner") ?? "another decision"} was merged first`,
    [again === null ? "Propose it again" : `Propose it again: ${again}`],
  ];
}

/** The event that ended a proposal, found by the subject of its commit; null where none of the newest commits has it. */
async function endOf(ground: GateGround, tip: Oid | null, id: string): Promise<AuditEventV1 | null> {
  const { store } = ground;
  const events = ground.kinds.filter(({ name }) => name === "audit-event.v1");
  const placeOf = kindFinder(events, "state");
  const wanted = folderFinder(events);
  let left = MAX_COMMITS;
  if (tip === null) return null;
  for await (const { commit, parents, subject } of store.log(null, tip)) {
    if (left-- === 0) return null;
    if (!isEnd(subject, id)) continue;
    const facts = openView({ ...ground, branch: "state" }, commit);
    for await (const { path, after } of store.diff(parents[0] ?? null, commit, wanted)) {
      const place = after === null ? undefined : placeOf(path);
      if (place === undefined) continue;
      const event = await facts.find("audit-event.v1", place.key).catch(ignoreNoDocument);
      if (event?.target_id === id) return event;
    }
  }
  return null;
}

function isEnd(subject: string, id: string): boolean {
  return subject.endsWith(`.superseded ${id}`) || subject === `proposal.rejected ${id}`;
}

/** Anyone who may write facts may put anything there; it explains nothing then. */
function ignoreNoDocument(cause: unknown): undefined {
  if (!isNoDocument(cause)) throw cause;
}
