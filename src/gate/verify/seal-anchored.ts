import { isOid, type Oid, shortOid } from "../../kernel/oid.ts";
import { isData } from "../../kernel/json.ts";
import { printable } from "../../kernel/text.ts";
import type { Commit } from "../../ports/git-store.ts";
import type { AuditEventV1 } from "../../schema/types.gen.ts";
import { STATE } from "../../state/branches.ts";
import { SEALED } from "../../state/seal/seal.ts";
import { type Segment, sealedFolder, segmentFinder } from "../../state/seal/segment-path.ts";
import type { ChangedFile, VerifyCheck, Walk } from "../../state/verify/check.ts";
import type { Decisions } from "../core/decisions.ts";
import { rewriteDecisions } from "../kinds/rewrite.ts";
import { anchorOf } from "../upkeep/seal.ts";

/** Files that are looked for at the anchor together. */
const CHUNK = 500;

/**
 * `seal.anchored`: what a commit seals is of days before a commit that a decision in force has seen, and was there already, as it is:
 * people have anchored every byte before it leaves its file.
 */
export function sealAnchored(decisions: Decisions): VerifyCheck {
  return {
    rules: ["seal.anchored"],
    begin: async (walk) => {
      const segmentOf = segmentFinder(walk.ground.kinds);
      let seal = newSeal();
      return {
        onStart() {
          seal = newSeal();
        },
        onFile(file) {
          const { segments, moved } = seal;
          const segment = file.after === null ? undefined : segmentOf(file.path);
          if (segment !== undefined && isSeal(segment, file)) segments.set(segment.folder, segment);
          // Segments come before the files whose place they take.
          const from = file.place && file.after === null ? sealedFolder(file.place.kind, file.place.key) : undefined;
          const into = from === undefined ? undefined : segments.get(from);
          if (into?.sealing.by === "document" && file.before !== null) moved.set(file.path, file.before.oid);
          seal.event ??= sealEventIn(file);
        },
        async onCommit(commit, parent) {
          const why = await whyLoose(walk, decisions, { ...seal, commit, parent });
          if (why === null) return;
          walk.report({
            rule: "seal.anchored",
            branch: STATE,
            commit: commit.commit,
            path: why.path,
            message: why.message,
            data: {},
            next: `find who pushed it; the files that it sealed are in ${shortOid(commit.commit)}^`,
          });
        },
      };
    },
  };
}

/** What one commit seals. */
interface SealSeen {
  readonly segments: Map<string, Segment>;
  /** Files that were sealed one by one, with what they held. */
  readonly moved: Map<string, Oid>;
  event: AuditEventV1 | undefined;
}

function newSeal(): SealSeen {
  return { segments: new Map(), moved: new Map(), event: undefined };
}

/** A segment of a day is made once; others are made again. */
function isSeal({ sealing }: Segment, { before }: ChangedFile): boolean {
  return sealing.by === "document" || before === null;
}

function sealEventIn({ before, after }: ChangedFile): AuditEventV1 | undefined {
  const document = before === null ? after?.document : undefined;
  if (document === undefined || !("schema" in document) || document.schema !== "audit-event.v1") return undefined;
  return document.action === SEALED ? document : undefined;
}

interface Seal extends SealSeen {
  readonly commit: Commit;
  readonly parent: Commit | null;
}

interface Why {
  readonly path: string | null;
  readonly message: string;
}

/** Why a seal does not hang on a decision; null where it does. That a decision has seen what it names is a rule of its own. */
async function whyLoose(
  walk: Walk,
  decisions: Decisions,
  { segments, moved, event, commit, parent }: Seal,
): Promise<Why | null> {
  const days = [...segments.values()].filter(({ sealing }) => sealing.by === "day");
  // What only leaves a segment is no seal.
  if (days.length === 0 && moved.size === 0) return null;
  const seq = Number(commit.trailers.get("Waybill-Seq") ?? 0);
  // People let the history up to there take the place of another: what it seals was anchored in the one that is gone.
  if (rewriteDecisions(decisions).some(({ rewrite }) => seq <= rewrite.new.seq)) return null;
  const anchor = anchorIn(decisions, event);
  if (anchor === null)
    return { path: null, message: "it seals, and no decision in force has seen the commit that it names" };
  if (anchor.seq >= seq) return { path: null, message: "it seals what a decision has seen only later" };
  return (await whyLooseDay(walk, anchor.commit, days, parent)) ?? whyLooseFile(walk, anchor.commit, moved);
}

async function whyLooseDay(
  { ground }: Walk,
  anchor: Oid,
  segments: readonly Segment[],
  parent: Commit | null,
): Promise<Why | null> {
  if (segments.length === 0) return null;
  const { at } = await ground.store.commit(anchor);
  const folders = segments.map(({ folder }) => folder);
  const then = await ground.store.read(anchor, folders);
  const before = parent === null ? [] : await ground.store.read(parent.commit, folders);
  for (const [i, { folder, key, sealing }] of segments.entries()) {
    const shown = printable(folder);
    if (sealing.by === "day" && !(sealing.dayOf(key) < at.slice(0, 10)))
      return {
        path: folder,
        message: `it seals ${shown}, which is no day before ${at.slice(0, 10)}, when a decision was anchored`,
      };
    if (then[i]?.oid !== before[i]?.oid)
      return { path: folder, message: `it seals ${shown}, which is not as the decision has seen it` };
  }
  return null;
}

async function whyLooseFile({ ground }: Walk, anchor: Oid, moved: ReadonlyMap<string, Oid>): Promise<Why | null> {
  const files = [...moved];
  for (let start = 0; start < files.length; start += CHUNK) {
    const some = files.slice(start, start + CHUNK);
    const then = await ground.store.read(
      anchor,
      some.map(([path]) => path),
    );
    const loose = some.find(([, oid], i) => then[i]?.oid !== oid);
    if (loose === undefined) continue;
    const [path] = loose;
    return { path, message: `it seals ${printable(path)}, which is not as the decision has seen it` };
  }
  return null;
}

function anchorIn(
  decisions: Decisions,
  event: AuditEventV1 | undefined,
): { readonly commit: Oid; readonly seq: number } | null {
  const named = event?.metadata["anchor"];
  if (!isData(named)) return null;
  const { proposal_id: proposal, commit, seq } = named;
  const decision = decisions.merged.find(({ proposalId }) => proposalId === proposal);
  const anchor = decision && anchorOf(decision);
  if (!anchor || typeof commit !== "string" || !isOid(commit)) return null;
  return anchor.commit === commit && anchor.seq === seq ? anchor : null;
}
