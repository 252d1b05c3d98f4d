import type { GitStore } from "../../src/ports/git-store.ts";
import { STATE } from "../../src/state/branches.ts";
import type { DocumentKind } from "../../src/state/document-kind.ts";
import { stateKinds } from "../../src/state/documents.ts";
import { filesBelow } from "../../src/state/seal/files-below.ts";
import { type FolderPlan, planFolder } from "../../src/state/seal/plan.ts";
import { commitFiles, schemas } from "./facts.ts";

/** The kind of audit events. */
export const auditKind: DocumentKind = stateKinds.find(({ name }) => name === "audit-event.v1")!;

/** Moves a folder of events into its segments without any rule; undefined where nothing can be sealed. */
export async function sealDay(store: GitStore, folder: string, at?: string): Promise<FolderPlan | undefined> {
  const tip = await store.head(STATE);
  const plan = tip && planFolder(schemas, auditKind, folder, await filesBelow(store, tip, folder));
  if (!plan) return undefined;
  await commitFiles(store, Object.fromEntries(plan.writes), STATE, at);
  return plan;
}
