import { commitOf, differences, firstParents, type NaiveFile } from "./history.ts";
import type { Files, Stage } from "./stage.ts";
import type { Step } from "./steps.ts";

/** What a proposal is made from. */
export interface Head {
  readonly path: string;
  readonly bytes: Buffer;
  /** CODEOWNERS that goes with it. */
  readonly owners: string | null;
  readonly request: string | null;
  readonly approvals: readonly string[];
  readonly base: string;
}

/** Where the branch is then; the head that was merged, null where none was. */
export interface Made {
  readonly tip: string;
  readonly head: string | null;
}

type Edits = Readonly<Record<string, string | Buffer | NaiveFile | null>>;

/** Files with some of them changed; null removes. */
function edited(files: Files, edits: Edits): Files {
  const made = new Map(files);
  for (const [path, edit] of Object.entries(edits)) {
    // A tree cannot hold a file and a folder of one name.
    for (const other of made.keys())
      if (other.startsWith(`${path}/`) || (edit !== null && path.startsWith(`${other}/`))) made.delete(other);
    if (edit === null) made.delete(path);
    else made.set(path, typeof edit === "string" || Buffer.isBuffer(edit) ? plainFile(edit) : edit);
  }
  return made;
}

function plainFile(content: string | Buffer): NaiveFile {
  return { mode: "100644", bytes: Buffer.from(content) };
}

/** Merges a head in a step's form, or does what is done in its place. */
export function performed(stage: Stage, tip: string, head: Head, form: Step["form"], seconds: number): Made {
  const on = { stage, tip, seconds, head };
  return form === null ? merged(on, proposed(on, filesOf(head)), {}) : ways[form](on);
}

interface On {
  readonly stage: Stage;
  readonly tip: string;
  readonly seconds: number;
  readonly head: Head;
}

/** Files of the decision commit: the decision, what goes with it, and the signed request. */
function filesOf({ path, bytes, owners, request }: Head): Edits {
  return { [path]: bytes, [`${path}.sig`]: request, ...(owners === null ? {} : { CODEOWNERS: owners }) };
}

function withApprovals({ path, request, approvals }: Head): Edits {
  return { [`${path}.sig`]: [request ?? "", ...approvals].join("") };
}

/** Commits the decision on its base, then the approvals. */
function proposed({ stage, head, seconds }: On, files: Edits): string {
  const decision = onto(stage, head.base, files, seconds);
  return head.approvals.length === 0 ? decision : onto(stage, decision, withApprovals(head), seconds);
}

function onto(stage: Stage, parent: string, edits: Edits, seconds: number): string {
  return stage.commit([parent], edited(commitOf(stage, parent).tree, edits), seconds);
}

/** Merges a head as git does where nothing conflicts, with edits of who merges. */
function merged(on: On, head: string, edits: Edits, base = on.head.base): Made {
  const tree = edited(mergedTree(on, head, base), edits);
  return { tip: on.stage.commit([on.tip, head], tree, on.seconds), head };
}

function mergedTree({ stage, tip }: On, head: string, base: string): Files {
  const changes = differences(stage, base, head).map(({ path, after }) => [path, after ?? null] as const);
  return edited(commitOf(stage, tip).tree, Object.fromEntries(changes));
}

/** A commit on the tip that merges nothing. */
function direct({ stage, tip, seconds }: On, tree: Files): Made {
  return { tip: stage.commit([tip], tree, seconds), head: null };
}

/** The proposal as it should be, under a commit of any parents and tree. */
function under(on: On, parents: (head: string) => readonly string[], edits: Edits = {}): Made {
  const head = proposed(on, filesOf(on.head));
  const tree = edited(mergedTree(on, head, on.head.base), edits);
  return { tip: on.stage.commit(parents(head), tree, on.seconds), head };
}

/** A merge as it should be of a proposal with other files. */
function withFiles(on: On, edits: Edits): Made {
  return merged(on, proposed(on, { ...filesOf(on.head), ...edits }), {});
}

function reworded({ bytes }: Head, text: string): Buffer {
  return Buffer.from(bytes.toString().replace(/"reason": "[^"]*"/, `"reason": "${text}"`));
}

const unsigned = (on: On): On => ({ ...on, head: { ...on.head, approvals: [] } });

const ways: Readonly<Record<NonNullable<Step["form"]>, (on: On) => Made>> = {
  direct: (on) => direct(on, edited(treeOf(on), filesOf(on.head))),
  empty: (on) => direct(on, treeOf(on)),
  revert: (on) => direct(on, commitOf(on.stage, firstParents(on.stage, on.tip)[2] ?? on.tip).tree),
  merged_again: (on) => {
    const again = commitOf(on.stage, on.tip).parents[1] ?? on.tip;
    return { tip: on.stage.commit([on.tip, again], treeOf(on), on.seconds), head: null };
  },
  unknown_kind: (on) => merged(on, proposed(on, { "gates/unknown/x.json": on.head.bytes }), {}),
  fast_forward: (on) => {
    const head = proposed({ ...on, head: { ...on.head, base: on.tip } }, filesOf(on.head));
    return { tip: head, head };
  },
  squash: (on) => under(on, () => [on.tip]),
  octopus: (on) => under(on, (head) => [on.tip, head, on.head.base]),
  swapped: (on) => under(on, (head) => [head, on.tip]),
  extra_in_merge: (on) => under(on, (head) => [on.tip, head], { "README.md": `${on.seconds}\n` }),
  edited_in_merge: (on) =>
    under(on, (head) => [on.tip, head], { [on.head.path]: reworded(on.head, "edited in the merge") }),
  unsigned_in_merge: (on) => under(on, (head) => [on.tip, head], { [`${on.head.path}.sig`]: null }),
  nothing_merged: (on) => {
    const head = proposed(on, filesOf(on.head));
    return { tip: on.stage.commit([on.tip, head], treeOf(on), on.seconds), head };
  },
  extra_in_head: (on) => withFiles(on, { "README.md": `${on.seconds}\n` }),
  two_decisions: (on) => withFiles(on, { "channels/notes/other.json": on.head.bytes }),
  code_owners: (on) => withFiles(on, { CODEOWNERS: "* @mallory\n" }),
  case_twin: (on) => withFiles(on, { "Policy.json": on.head.bytes }),
  attributes: (on) => withFiles(on, { ".gitattributes": "* export-ignore\n" }),
  folder: (on) => withFiles(on, { [on.head.path]: null, [`${on.head.path}/x.json`]: on.head.bytes }),
  sig_only: (on) => merged(on, onto(on.stage, on.head.base, withApprovals(on.head), on.seconds), {}),
  executable: (on) => withFiles(on, { [on.head.path]: { mode: "100755", bytes: on.head.bytes } }),
  symlink: (on) => withFiles(on, { [on.head.path]: { mode: "120000", bytes: on.head.bytes } }),
  executable_sig: (on) => {
    const text = [on.head.request ?? "", ...on.head.approvals].join("");
    return withFiles(unsigned(on), { [`${on.head.path}.sig`]: { mode: "100755", bytes: Buffer.from(text) } });
  },
  no_code_owners: ({ head, ...on }) =>
    merged({ ...on, head }, proposed({ ...on, head }, filesOf({ ...head, owners: null })), {}),
  signed_in_merge: (on) => merged(on, proposed(unsigned(on), filesOf(on.head)), withApprovals(on.head)),
  second_commit: (on) => secondCommit(on, reworded(on.head, "at first")),
  sig_first: (on) => {
    const signed = onto(on.stage, on.head.base, withApprovals(on.head), on.seconds);
    const files = Object.entries(filesOf(on.head)).filter(([path]) => !path.endsWith(".sig"));
    return merged(on, onto(on.stage, signed, Object.fromEntries(files), on.seconds), {});
  },
  other_history: (on) => merged(on, orphan(on), {}, on.tip),
  stacked: (on) => {
    const below = onto(on.stage, on.head.base, { "channels/notes/other.json": on.head.bytes }, on.seconds);
    const above = onto(on.stage, below, filesOf(on.head), on.seconds);
    return merged(on, onto(on.stage, above, withApprovals(on.head), on.seconds), {});
  },
  update_branch: (on) => {
    const first = onto(on.stage, on.head.base, filesOf(on.head), on.seconds);
    const updated = on.stage.commit([first, on.tip], mergedTree(on, first, on.head.base), on.seconds);
    return merged(on, onto(on.stage, updated, withApprovals(on.head), on.seconds), {}, on.tip);
  },
  deleted: (on) => {
    const edits = { [on.head.path]: null, [`${on.head.path}.sig`]: null };
    return merged(on, onto(on.stage, on.head.base, edits, on.seconds), {});
  },
};

function treeOf({ stage, tip }: On): Files {
  return commitOf(stage, tip).tree;
}

function secondCommit({ stage, head, seconds, ...on }: On, first: Buffer): Made {
  const before = onto(stage, head.base, { ...filesOf(head), [head.path]: first }, seconds);
  const decision = onto(stage, before, { [head.path]: head.bytes }, seconds);
  return merged({ stage, head, seconds, ...on }, onto(stage, decision, withApprovals(head), seconds), {});
}

/** The same proposal on a root of its own. */
function orphan({ stage, tip, head, seconds }: On): string {
  const root = stage.commit([], commitOf(stage, tip).tree, seconds);
  return onto(stage, onto(stage, root, filesOf(head), seconds), withApprovals(head), seconds);
}
