import type { Act } from "../../kernel/act.ts";
import { orThrow } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { STATE } from "../branches.ts";
import type { Event, Plan } from "../plan.ts";
import { type Ground, tipOf, transact } from "../transact.ts";
import type { View } from "../view.ts";
import { type DayCandidate, daysOver, planDay } from "./days.ts";
import { type DocumentsPlan, type FolderCandidate, fullFolders, planDocuments } from "./old-documents.ts";
import type { FolderPlan } from "./plan.ts";

/** Documents and bytes of segments after which a commit takes no further folder, and folders of one commit; a day is never cut. */
const MAX_DOCUMENTS = 5000;
const MAX_BYTES = 24 * 1024 * 1024;
const MAX_FOLDERS = 366;

/** Action of the event that a seal leaves. */
export const SEALED = "state.sealed";

/** The newest commit of facts that a decision in force has seen: everything up to it is anchored by people. */
export interface SealAnchor {
  readonly proposal_id: string;
  readonly commit: Oid;
  readonly seq: number;
}

/** What to seal. */
export interface SealAsked {
  readonly anchor: SealAnchor;
  /** Only days before this one, `yyyy-mm-dd`, and documents that are over since before it. */
  readonly before: string;
  /** Absent where all is sealed that can be. */
  readonly bounds?: SealBounds;
}

/** How much a seal in passing may do. */
export interface SealBounds {
  readonly commits: number;
  /** Fewer documents are not worth a commit. */
  readonly leastDocuments: number;
  readonly mostDocuments: number;
  readonly deadlineMs: number;
}

/** What was sealed. */
export interface Sealed {
  readonly commits: readonly Oid[];
  readonly folders: readonly (FolderPlan & { readonly kind: string; readonly day: string | null })[];
  /** Folders of days that are over, which have changed since the anchor: they wait for the next decision. */
  readonly waiting: readonly string[];
}

type Candidate = DayCandidate | FolderCandidate;

type Planned = Sealed["folders"][number];

/**
 * Moves documents into segments, some folders a commit: past days whole, and others as they are over. All is sealed as the anchor holds
 * it, byte for byte. Both sides read what the other would change, so a writer who comes between makes the seal plan again, and a seal
 * makes the writer do so. A crash leaves some folders sealed and the others as they were.
 */
export async function sealState(ground: Ground, act: Act, asked: SealAsked): Promise<Sealed> {
  const tip = await tipOf(ground.store);
  const { days, waiting } = await daysOver(ground, tip, asked);
  let rest: readonly Candidate[] = [...days, ...(await fullFolders(ground, tip))];
  const commits: Oid[] = [];
  const folders: Planned[] = [];
  for (let step = 1; rest.length > 0 && commits.length < (asked.bounds?.commits ?? Infinity); step += 1) {
    const batch = rest;
    const read = (view: View) => planBatch(ground, view, asked, batch);
    const plan = (plans: Batch) => planCommit(asked, plans);
    const done = orThrow(await transact(ground, act.step(`seal-${step}`), read, plan, asked.bounds?.deadlineMs));
    if (done.commit !== null) commits.push(done.commit);
    folders.push(...done.result.plans);
    rest = done.result.rest;
  }
  return { commits, folders, waiting };
}

interface Batch {
  readonly plans: readonly Planned[];
  /** Candidates that are left for the next commit. */
  readonly rest: readonly Candidate[];
}

/** Plans as many folders as one commit takes, at the view's commit. */
async function planBatch(
  ground: Ground,
  view: View,
  asked: SealAsked,
  candidates: readonly Candidate[],
): Promise<Batch> {
  const plans: Planned[] = [];
  let documents = 0;
  let bytes = 0;
  const { leastDocuments, mostDocuments } = { leastDocuments: 0, mostDocuments: MAX_DOCUMENTS, ...asked.bounds };
  const rest = [...candidates];
  for (let next = rest[0]; next !== undefined; next = rest[0]) {
    if (plans.length === MAX_FOLDERS || documents >= mostDocuments || bytes >= MAX_BYTES) break;
    const { plan, rest: more } = await planOne(ground, view, asked, next);
    if (more === null) rest.shift();
    else rest[0] = more;
    if (plan === null) continue;
    plans.push({ ...plan, kind: next.kind.name, day: "day" in next ? next.day : null });
    documents += plan.documents;
    for (const content of plan.writes.values()) bytes += content?.length ?? 0;
    // The rest of a folder is planned on what this commit leaves of it.
    if (more !== null) break;
  }
  return documents < leastDocuments ? { plans: [], rest: [] } : { plans, rest };
}

async function planOne(ground: Ground, view: View, asked: SealAsked, candidate: Candidate): Promise<DocumentsPlan> {
  return "day" in candidate
    ? { plan: await planDay(ground, view, asked.anchor, candidate), rest: null }
    : planDocuments(ground, view, asked, candidate, asked.bounds?.mostDocuments);
}

function planCommit({ anchor }: SealAsked, batch: Batch): Plan<Batch> {
  const { plans } = batch;
  if (plans.length === 0) return { writes: [], events: [], result: batch };
  const [first = "", last = first] = [plans[0]?.folder, plans.at(-1)?.folder];
  const event: Event = {
    action: SEALED,
    target: ["branch", STATE],
    metadata: {
      anchor: { ...anchor },
      segments: plans.flatMap(({ segments }) => segments.map((segment) => ({ ...segment }))),
    },
  };
  return {
    writes: [],
    seals: new Map(plans.flatMap(({ writes }) => [...writes])),
    events: [event],
    subject: `${SEALED} ${first === last ? first : `${first} to ${last}`}`,
    result: batch,
  };
}
