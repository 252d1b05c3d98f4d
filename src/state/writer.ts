import type { Act } from "../kernel/act.ts";
import { ToolError } from "../kernel/errors.ts";
import { decodeUtf8, printable } from "../kernel/text.ts";
import type { GitStore } from "../ports/git-store.ts";
import type { Schemas } from "../schema/schemas.ts";
import type { AuditEventV1, DocumentName, StateV1 } from "../schema/types.gen.ts";
import { type AnyKind, type DocumentKind, isFrozen, type Key, pathOf } from "./document-kind.ts";
import { auditKey } from "./documents.ts";
import type { Event, Plan, Write } from "./plan.ts";
import { type Changed, leaveSegments } from "./seal/leave.ts";
import { carriesSecret } from "./secrets.ts";
import { kindNamed, type View } from "./view.ts";

/** What the writer rules need. */
interface Rules {
  readonly store: Pick<GitStore, "commit">;
  readonly kinds: readonly AnyKind[];
  readonly schemas: Schemas;
  readonly secrets: readonly string[];
}

/**
 * Turns a plan into files and holds it against the writer rules: an audit event with every change, no overwrite of what is
 * frozen, no secret, no document of another scope, every document valid. Documents that would not change are left out.
 * Throws `state.writer.*`, `scope.foreign`, `schema.invalid`.
 */
export async function writesOf(
  rules: Rules,
  view: View,
  plan: Plan<unknown>,
  act: Act,
): Promise<ReadonlyMap<string, Uint8Array | null>> {
  const files = new Map<string, Uint8Array | null>();
  const changed: Changed[] = [];
  for (const write of plan.writes) await addWrite(rules, view, write, files, changed);
  if (files.size > 0 && plan.events.length === 0) {
    throw new ToolError("state.writer.no_event", `A change of ${[...files.keys()].join(", ")} needs an audit event`);
  }
  if (plan.events.length === 0) return files;
  const scope = await scopeOf(view, plan);
  for (const { document } of plan.writes) if (document !== null) refuseForeign(document, scope);
  for (const event of plan.events)
    await addEvent(rules, view, auditEvent(event, scope, act), event.derived !== undefined, files);
  for (const [path, bytes] of files) if (bytes !== null) refuseSecret(path, bytes, rules.secrets);
  // What is sealed was committed long ago: a shape of secret that we learned since must not keep it from moving.
  return new Map([...files, ...(await leaveSegments(rules, view, changed)), ...(plan.seals ?? [])]);
}

async function addWrite(
  rules: Rules,
  view: View,
  write: Write,
  files: Map<string, Uint8Array | null>,
  changed: Changed[],
): Promise<void> {
  const kind = kindNamed(rules.kinds, "state", write.name);
  const path = pathOf(kind, write.key);
  const before = await view.bytes(write.name, write.key);
  if (write.document === null) {
    if (before === undefined) return;
    await refuseFrozen(kind, view, write.key, path);
    changed.push({ kind, key: write.key, path });
    files.set(path, null);
    return;
  }
  const bytes = printed(rules.schemas, write);
  if (before !== undefined) {
    if (Buffer.compare(before, bytes) === 0) return;
    await refuseFrozen(kind, view, write.key, path);
    changed.push({ kind, key: write.key, path });
  }
  files.set(path, bytes);
}

function printed<N extends DocumentName>(schemas: Schemas, write: Extract<Write, { readonly name: N }>): Uint8Array {
  if (write.document === null) throw new ToolError("internal.bug", "A removal has no bytes");
  return schemas.print<DocumentName>(write.name, write.document);
}

async function refuseFrozen<N extends DocumentName>(
  kind: DocumentKind<N>,
  view: View,
  key: Key,
  path: string,
): Promise<void> {
  const document = await view.find(kind.name, key);
  if (document === undefined || !isFrozen(kind, document)) return;
  throw new ToolError("state.writer.exists", `${path} exists and never changes`, { data: { path } });
}

async function scopeOf(view: View, plan: Plan<unknown>): Promise<StateV1> {
  const stored = await view.find("state.v1", {});
  if (stored !== undefined) return stored;
  for (const write of plan.writes) if (write.name === "state.v1" && write.document !== null) return write.document;
  throw new ToolError("state.document.invalid", "waybill/state has no state.json", { hints: ["waybill state verify"] });
}

/** What names another tenant or repository was made for that one. */
function refuseForeign(document: object, scope: StateV1): void {
  const fields = new Map<string, unknown>(Object.entries(document));
  for (const field of ["tenant_id", "repo_id"] as const) {
    const own = fields.get(field);
    if (typeof own !== "string" || own === scope[field]) continue;
    throw new ToolError("scope.foreign", `A document of ${field} ${printable(own)} cannot be written here`, {
      data: { field, own: printable(own), here: scope[field] },
      hints: ["waybill state verify"],
    });
  }
}

function auditEvent(event: Event, scope: StateV1, act: Act): AuditEventV1 {
  return {
    schema: "audit-event.v1",
    id: event.derived?.id ?? act.id("aud"),
    tenant_id: scope.tenant_id,
    repo_id: scope.repo_id,
    actor: { ...act.actor },
    action: event.action,
    target_type: event.target[0],
    target_id: event.target[1],
    metadata: event.metadata,
    request_id: act.requestId,
    created_at: event.derived?.at ?? act.at,
  };
}

async function addEvent(
  rules: Rules,
  view: View,
  event: AuditEventV1,
  derived: boolean,
  files: Map<string, Uint8Array | null>,
): Promise<void> {
  const key = auditKey(event);
  const before = await view.bytes("audit-event.v1", key);
  if (before === undefined && (await view.isSealed("audit-event.v1", key))) {
    await addLate(rules, view, event, files);
    return;
  }
  const path = pathOf(kindNamed(rules.kinds, "state", "audit-event.v1"), key);
  const bytes = rules.schemas.print("audit-event.v1", event);
  // An event that follows from a decision is recorded once, by whoever derives it first; one of the same operation run again is there.
  if (before !== undefined && (derived || Buffer.compare(before, bytes) === 0)) return;
  if (before !== undefined)
    throw new ToolError("state.writer.exists", `${path} exists and never changes`, { data: { path } });
  files.set(path, bytes);
}

/**
 * Adds an event of a day that was sealed meanwhile, as of a job that ran over night: the day is closed, so the event is dated as the
 * tip is, which a seal of its own day cannot have come before.
 */
async function addLate(
  rules: Rules,
  view: View,
  event: AuditEventV1,
  files: Map<string, Uint8Array | null>,
): Promise<void> {
  const { at } = await rules.store.commit(view.at);
  const dated = { ...event, created_at: at };
  const key = auditKey(dated);
  if ((await view.bytes("audit-event.v1", key)) !== undefined) return;
  const path = pathOf(kindNamed(rules.kinds, "state", "audit-event.v1"), key);
  files.set(path, rules.schemas.print("audit-event.v1", dated));
}

/** Refuses bytes that carry a secret, before they reach any branch. Throws `state.writer.secret`. */
export function refuseSecret(path: string, bytes: Uint8Array, secrets: readonly string[]): void {
  if (!carriesSecret(decodeUtf8(bytes, path), secrets)) return;
  throw new ToolError(
    "state.writer.secret",
    `${path} would carry a secret, and what is committed cannot be taken back`,
    {
      data: { path },
      hints: ["Take the secret out of the notes, reason or metadata and run the command again"],
    },
  );
}
