import type { Act } from "../../kernel/act.ts";
import { orThrow } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { byCodePoint } from "../../kernel/text.ts";
import { STATE } from "../branches.ts";
import { keyAt } from "../document-kind.ts";
import { isNoDocument } from "../no-document.ts";
import type { Event, Plan } from "../plan.ts";
import { type Ground, tipOf, transact } from "../transact.ts";
import type { View } from "../view.ts";
import { type FileBelow, filesBelow, foldersAt } from "./files-below.ts";
import { type FolderPlan, planFolder } from "./plan.ts";
import { type SealedKind, sealedKinds, segmentPath } from "./segment-path.ts";

/** Documents after which a commit takes no further folder, and folders of one commit; a folder is never cut. */
const MAX_DOCUMENTS = 5000;
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
  /** Only days before this one, `yyyy-mm-dd`. */
  readonly before: string;
}

/** What was sealed. */
export interface Sealed {
  readonly commits: readonly Oid[];
  readonly folders: readonly (FolderPlan & { readonly kind: string; readonly day: string })[];
  /** Folders of days that are over, which have changed since the anchor: they wait for the next decision. */
  readonly waiting: readonly string[];
}

interface Candidate extends SealedKind {
  readonly folder: string;
  readonly day: string;
}

type Planned = Sealed["folders"][number];

/**
 * Moves documents of past days into segments, some days a commit. A day is sealed when its folder is, byte for byte, the one that the
 * anchor holds. Both sides read what the other would change, so a writer who comes between makes the seal plan again, and a seal
 * makes the writer do so. A crash leaves some days sealed and the others as they were.
 */
export async function sealState(ground: Ground, act: Act, asked: SealAsked): Promise<Sealed> {
  const waiting: string[] = [];
  let rest = await candidates(ground, asked, waiting);
  const commits: Oid[] = [];
  const folders: Planned[] = [];
  for (let step = 1; rest.length > 0; step += 1) {
    const batch = rest;
    const read = (view: View) => planBatch(ground, view, asked, batch);
    const done = orThrow(await transact(ground, act.step(`seal-${step}`), read, (plans) => planCommit(asked, plans)));
    if (done.commit !== null) commits.push(done.commit);
    folders.push(...done.result.plans);
    rest = rest.slice(done.result.looked);
  }
  return { commits, folders, waiting };
}

/** Folders of days that are over and not sealed yet, oldest first; without those that are not as the anchor saw them. */
async function candidates(
  { store, kinds }: Ground,
  asked: SealAsked,
  waiting: string[],
): Promise<readonly Candidate[]> {
  const tip = await tipOf(store);
  const found: Candidate[] = [];
  for (const on of sealedKinds(kinds)) {
    const folders = await foldersAt(store, tip, on.sealing.folder);
    const over = folders.flatMap((folder) => {
      const day = on.sealing.dayOf(keyAt({ path: on.sealing.folder }, folder) ?? {});
      return /^\d{4}-\d{2}-\d{2}$/.test(day) && day < asked.before ? [{ ...on, folder, day }] : [];
    });
    const names = over.map(({ folder }) => folder);
    const segments = names.map((folder) => segmentPath(folder, 1));
    const [now, then] = await Promise.all([
      store.read(tip, [...names, ...segments]),
      store.read(asked.anchor.commit, names),
    ]);
    for (const [i, candidate] of over.entries()) {
      // What lies beside a segment came too late, or was no document.
      if (now[names.length + i]) continue;
      if (now[i]?.oid === then[i]?.oid) found.push(candidate);
      else waiting.push(candidate.folder);
    }
  }
  return found.toSorted((a, b) => byCodePoint(a.day, b.day) || byCodePoint(a.folder, b.folder));
}

interface Batch {
  readonly plans: readonly Planned[];
  /** Candidates that this commit has dealt with. */
  readonly looked: number;
}

/** Plans as many folders as one commit takes, at the view's commit; their folders and segments become part of the read set. */
async function planBatch(
  { store, schemas }: Ground,
  view: View,
  { anchor }: SealAsked,
  batch: readonly Candidate[],
): Promise<Batch> {
  const plans: Planned[] = [];
  let documents = 0;
  let looked = 0;
  for (const { kind, sealing, folder, day } of batch) {
    if (plans.length === MAX_FOLDERS || documents >= MAX_DOCUMENTS) break;
    looked += 1;
    await view.names(folder);
    const key = keyAt({ path: sealing.folder }, folder) ?? {};
    if (await view.isSealed(kind.name, key)) continue;
    const [[now], [then]] = await Promise.all([store.read(view.at, [folder]), store.read(anchor.commit, [folder])]);
    if (now?.oid !== then?.oid) continue;
    const files = await filesBelow(store, view.at, folder).catch(unreadable);
    const plan = planFolder(schemas, kind, folder, files);
    if (plan === null) continue;
    plans.push({ ...plan, kind: kind.name, day });
    documents += plan.documents;
  }
  return { plans, looked };
}

/** A folder with a file that no reader takes stays as it is, and verify names that file. */
function unreadable(cause: unknown): readonly FileBelow[] {
  if (isNoDocument(cause)) return [];
  throw cause;
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
