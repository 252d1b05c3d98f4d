import type { AuditEventV1 } from "../schema/types.gen.ts";
import type { AnyKind, DocumentKind, Key } from "./document-kind.ts";

/** state.json at the root: whose documents these are. */
const state: DocumentKind<"state.v1"> = {
  name: "state.v1",
  branch: "state",
  path: "state.json",
  life: "append-only",
  keyOf: () => ({}),
};

/** Key of an audit event: its minute and id. */
export function auditKey({ id, created_at: at }: { readonly id: string; readonly created_at: string }): Key {
  const [yyyy, mm, dd] = [at.slice(0, 4), at.slice(5, 7), at.slice(8, 10)];
  return { yyyy, mm, dd, hh: at.slice(11, 13), mi: at.slice(14, 16), id };
}

/** One file per thing that happened. */
const auditEvent: DocumentKind<"audit-event.v1"> = {
  name: "audit-event.v1",
  branch: "state",
  path: "audit/{yyyy}/{mm}/{dd}/{hh}/{mi}/{id}.json",
  life: "append-only",
  keyOf: auditKey,
  sealed: { by: "day", folder: "audit/{yyyy}/{mm}/{dd}", dayOf: ({ yyyy, mm, dd }) => `${yyyy}-${mm}-${dd}` },
  history: {
    monthOf: ({ yyyy, mm }) => `${yyyy}-${mm}`,
    folderOf: (month) => `audit/${month.replace("-", "/")}`,
    column: "created_at",
  },
  tables: [
    {
      name: "audit_events",
      columns: {
        created_at: "text",
        id: "text",
        action: "text",
        target_type: "text",
        target_id: "text",
        app: "text",
        actor_kind: "text",
        actor_name: "text",
        actor_id: "text",
        actor_verified: "integer",
        request_id: "text",
      },
      // No index: the newest events come first anyway, and two indexes would double the size of a snapshot.
      primary: ["created_at", "id"],
      rows: (event: AuditEventV1) => [
        {
          created_at: event.created_at,
          id: event.id,
          action: event.action,
          target_type: event.target_type,
          target_id: event.target_id,
          app: typeof event.metadata["app"] === "string" ? event.metadata["app"] : null,
          actor_kind: event.actor.kind,
          actor_name: event.actor.name,
          actor_id: event.actor.id,
          actor_verified: event.actor.verified ? 1 : 0,
          request_id: event.request_id,
        },
      ],
    },
  ],
};

/** Kinds that belong to no plane. */
export const stateKinds: readonly AnyKind[] = [state, auditEvent];
