import { allRows, type ForgeAt } from "./forge-at.ts";
import { member } from "./member.ts";

/** What of a pull request's timeline matters here; absent parts are null. */
export interface TimelineEvent {
  readonly event: string;
  readonly at: string | null;
  /** Account whose review was requested. */
  readonly reviewer: number | null;
  /** The review that was dismissed, and what it had said. */
  readonly dismissed: { readonly review: number; readonly said: string } | null;
}

/** Reads the timeline of a pull request, oldest first. */
export async function timelineOf(at: ForgeAt, number: number): Promise<readonly TimelineEvent[]> {
  const rows = await allRows<unknown>("timeline events", (paged) =>
    at.client.request("GET /repos/{owner}/{repo}/issues/{issue_number}/timeline", {
      ...at.where,
      issue_number: number,
      ...paged,
    }),
  );
  return rows.map(eventOf);
}

/** GitHub's description knows no timeline event exactly, so each field is looked at. */
function eventOf(row: unknown): TimelineEvent {
  const reviewer = member(member(row, "requested_reviewer"), "id");
  const dismissed = member(row, "dismissed_review");
  const [review, said] = [member(dismissed, "review_id"), member(dismissed, "state")];
  return {
    event: text(member(row, "event")) ?? "",
    at: text(member(row, "created_at")),
    reviewer: typeof reviewer === "number" ? reviewer : null,
    dismissed: typeof review === "number" && typeof said === "string" ? { review, said: said.toLowerCase() } : null,
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
