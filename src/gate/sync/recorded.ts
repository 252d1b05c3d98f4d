import { derivedEventId } from "../../kernel/ids.ts";
import type { Key } from "../../state/document-kind.ts";
import { auditKey } from "../../state/documents.ts";
import type { Event } from "../../state/plan.ts";
import type { View } from "../../state/view.ts";

/** Action of the event that ends the recording of a decision in force. */
export const RECORDED = "decision.recorded";
/** Action of the event of a merge that changed nothing. */
export const DISHONOURED = "decision.dishonoured";

/** Gives an event that follows from a merge its id and time, so that it is recorded once whoever derives it. */
export function derivedEvent(event: Event, of: string, at: string): Event {
  return event.derived === undefined ? { ...event, derived: { id: derivedEventId(at, of, event.action), at } } : event;
}

/** Key of an event that follows from a merge. */
export function eventKey(of: string, at: string, action: string): Key {
  return auditKey({ id: derivedEventId(at, of, action), created_at: at });
}

/**
 * Tells whether a derived event is there; what stands in its place is no matter of ours, and verify names it. A day that is sealed
 * has all that it will ever have: a sync goes before every seal.
 */
export async function isThere(facts: View, of: string, at: string, action: string): Promise<boolean> {
  const key = eventKey(of, at, action);
  return (await facts.bytes("audit-event.v1", key)) !== undefined || facts.isSealed("audit-event.v1", key);
}
