import { sha256Hex } from "../../kernel/digest.ts";
import { ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { byCodePoint, printable } from "../../kernel/text.ts";
import type { Decision, Decisions, Standing, Unhonoured } from "./decisions.ts";
import { headerOf } from "./header.ts";
import { type Judgement, judge } from "./judge.ts";
import type { MergeData } from "./merge-data.ts";
import { policyProblems } from "./policy.ts";
import type { FoldOn } from "./shape.ts";

/** Files that a merge which does not conform is told with, unless more of them are decisions. */
const MAX_TOLD = 10;

/** What is said of a commit that puts decisions back. */
const HIDDEN =
  "it also brings in merges that the history before it lacks, as where the branch was put back to an older one; compare with another clone";

/** Path of the policy, which the root commit brings. */
export const POLICY = "policy.json";

/** What a fold has come to, as plain values: enough to go on from. */
export interface FoldState {
  readonly root: Oid;
  readonly tip: Oid;
  readonly at: string;
  readonly merged: readonly Decision[];
  readonly pending: readonly Unhonoured[];
  readonly dishonoured: readonly Unhonoured[];
  readonly used: readonly string[];
  readonly standing: readonly (readonly [path: string, standing: Standing])[];
}

/** A fold under way: the view so far, and one merge after the other. */
export interface Fold {
  readonly view: Decisions;
  /** Takes over what a judgement of the next commit of the first-parent history brings into force. */
  add(merge: MergeData, judged?: Judgement): Judgement;
  state(): FoldState;
}

/**
 * Starts at the root commit that `waybill init` wrote: its policy is in force without a merge, and nothing else in it is.
 * Throws `state.document.invalid` where that policy is none.
 */
export function startFold(
  on: FoldOn,
  root: { readonly commit: Oid; readonly at: string; readonly policy: Uint8Array | null },
): Fold {
  if (root.policy === null) throw rootless(root.commit, "it has no policy.json");
  const document = on.schemas.parse("policy.v1", root.policy, POLICY);
  const [problem] = policyProblems(document);
  if (problem !== undefined) throw rootless(root.commit, problem);
  if (document.from !== null) throw rootless(root.commit, "its policy follows another");
  const policy: Decision = {
    path: POLICY,
    proposalId: document.proposal_id,
    document,
    sha256: sha256Hex(root.policy),
    commit: root.commit,
    mergedAt: root.at,
    grade: null,
    approvers: [],
    selfApproved: false,
    proof: null,
  };
  return resumeFold(on, {
    root: root.commit,
    tip: root.commit,
    at: root.at,
    merged: [policy],
    pending: [],
    dishonoured: [],
    used: [document.proposal_id],
    standing: [],
  });
}

/** Goes on from what an earlier fold has come to. */
export function resumeFold(on: FoldOn, from: FoldState): Fold {
  const book: Book = {
    ...from,
    merged: [],
    byPath: new Map(),
    used: new Set(from.used),
    standing: new Map(from.standing),
    pending: [...from.pending],
    dishonoured: [...from.dishonoured],
  };
  for (const decision of from.merged) enforce(book, decision);
  const view = viewOf(book);
  return {
    view,
    add(merge, judged = judge(on, view, merge)) {
      if (judged.decision !== null) enforce(book, judged.decision);
      else (judged.pending ? book.pending : book.dishonoured).push(unhonoured(on, merge, judged));
      for (const [path, id] of proposalsIn(on, merge)) {
        const bytes = merge.files.get(path);
        if (id !== null) book.used.add(id);
        if (bytes !== undefined && sha256Hex(bytes) === view.find(path)?.sha256) book.standing.delete(path);
        else book.standing.set(path, { commit: merge.commit, proposalId: id });
      }
      // Readers are told of what is hidden until it is decided anew; a new proposal names what it replaced before.
      for (const path of merge.hidden ?? [])
        book.standing.set(path, { commit: merge.commit, proposalId: book.standing.get(path)?.proposalId ?? null });
      book.tip = merge.commit;
      if (merge.at > book.at) book.at = merge.at;
      return judged;
    },
    state: () => ({
      root: book.root,
      tip: book.tip,
      at: book.at,
      merged: [...book.merged],
      pending: [...book.pending],
      dishonoured: [...book.dishonoured],
      used: [...book.used],
      standing: [...book.standing],
    }),
  };
}

/** Each wanted decision that came into force, with the view before it, from the root's policy on. */
export function* replay(
  decisions: Decisions,
  isWanted: (decision: Decision) => boolean,
): Generator<readonly [before: Decisions, decision: Decision]> {
  const { merged } = decisions;
  const first = merged.findIndex(isWanted);
  if (first === -1) return;
  // All that have no place here were there before the first.
  const places = new Map(merged.slice(first).map((decision, i) => [decision, first + i]));
  for (const [decision, place] of places)
    if (isWanted(decision)) yield [viewBefore(decisions, places, place), decision];
}

/** The view before one of the decisions came into force, as far as decisions in force make it. */
function viewBefore(decisions: Decisions, places: ReadonlyMap<Decision, number>, place: number): Decisions {
  const { root, merged } = decisions;
  const wasThere = (decision: Decision) => (places.get(decision) ?? -1) < place;
  const find = (path: string) => decisions.history(path).find(wasThere);
  const last = merged[place - 1];
  return {
    root,
    tip: last?.commit ?? root,
    at: last?.mergedAt ?? decisions.at,
    get policy() {
      return policyIn(root, find(POLICY));
    },
    find,
    list: (prefix) => decisions.list(prefix).flatMap(({ path }) => find(path) ?? []),
    history: (path) => decisions.history(path).filter(wasThere),
    get merged() {
      return merged.slice(0, place);
    },
    pending: [],
    dishonoured: [],
    isUsed: () => false,
    standing: () => undefined,
  };
}

function policyIn(root: Oid, decision: Decision | undefined): Decisions["policy"] {
  if (decision === undefined || !isPolicy(decision)) throw rootless(root, "it has no policy.json");
  return decision;
}

function isPolicy(decision: Decision): decision is Decisions["policy"] {
  return "governance" in decision.document;
}

/** What a fold writes into as it goes. */
interface Book {
  readonly root: Oid;
  tip: Oid;
  at: string;
  readonly merged: Decision[];
  /** Decisions of a path, oldest first. */
  readonly byPath: Map<string, Decision[]>;
  readonly used: Set<string>;
  readonly standing: Map<string, Standing>;
  readonly pending: Unhonoured[];
  readonly dishonoured: Unhonoured[];
}

function enforce(book: Book, decision: Decision): void {
  book.merged.push(decision);
  const line = book.byPath.get(decision.path);
  if (line === undefined) book.byPath.set(decision.path, [decision]);
  else line.push(decision);
}

function viewOf(book: Book): Decisions {
  const find = (path: string) => book.byPath.get(path)?.at(-1);
  return {
    root: book.root,
    get tip() {
      return book.tip;
    },
    get at() {
      return book.at;
    },
    get policy() {
      return policyIn(book.root, find(POLICY));
    },
    find,
    list: (prefix) =>
      [...book.byPath.keys()]
        .filter((path) => path.startsWith(prefix))
        .toSorted(byCodePoint)
        .flatMap((path) => find(path) ?? []),
    history: (path) => book.byPath.get(path)?.toReversed() ?? [],
    merged: book.merged,
    pending: book.pending,
    dishonoured: book.dishonoured,
    isUsed: (proposalId) => book.used.has(proposalId),
    standing: (path) => book.standing.get(path),
  };
}

/** Decision files that a commit touches, conforming or not, with the proposal id in each; null where there is none to read. */
function proposalsIn(on: FoldOn, merge: MergeData): ReadonlyMap<string, string | null> {
  const ids = new Map<string, string | null>();
  for (const { path } of merge.changes) {
    const at = on.findKind(path);
    if (at !== undefined) ids.set(path, proposalIdIn(on, at.kind.schema, path, merge.files.get(path)));
  }
  return ids;
}

function proposalIdIn(
  { schemas }: FoldOn,
  schema: Parameters<FoldOn["schemas"]["parse"]>[0],
  path: string,
  bytes: Uint8Array | undefined,
): string | null {
  if (bytes === undefined) return null;
  try {
    return headerOf(schemas.parse(schema, bytes, path))?.proposal_id ?? null;
  } catch {
    // What cannot be read names no proposal.
    return null;
  }
}

function unhonoured(on: FoldOn, merge: MergeData, judged: Judgement): Unhonoured {
  const broken = judged.rules.filter(({ status }) => status !== "ok");
  const hidden = merge.hidden ?? [];
  const paths = [...new Set([...hidden, ...merge.changes.map(({ path }) => path)])];
  // Any number of other files cannot keep those of decisions out of what readers are told.
  const told = paths.filter((path) => on.findKind(path));
  const others = paths.filter((path) => !on.findKind(path)).slice(0, Math.max(0, MAX_TOLD - told.length));
  return {
    commit: merge.commit,
    at: merge.at,
    paths: [...told, ...others].map((path) => printable(path)),
    proposalId: judged.proposalId,
    condition: judged.condition ?? "shape",
    message: [...broken.map(({ rule, message }) => `${rule}: ${message}`), ...(hidden.length > 0 ? [HIDDEN] : [])].join(
      "; ",
    ),
  };
}

function rootless(commit: Oid, why: string): ToolError {
  return new ToolError(
    "state.document.invalid",
    `The root of decisions, ${commit}, is not what waybill init writes: ${why}`,
    {
      data: { commit },
      hints: ["waybill state verify"],
    },
  );
}
