import { isOid, type Oid, shortOid } from "../../kernel/oid.ts";
import { isData } from "../../kernel/json.ts";
import { printable } from "../../kernel/text.ts";
import type { Commit } from "../../ports/git-store.ts";
import type { AuditEventV1 } from "../../schema/types.gen.ts";
import { STATE } from "../../state/branches.ts";
import { SEALED } from "../../state/seal/seal.ts";
import { type Segment, segmentFinder } from "../../state/seal/segment-path.ts";
import type { ChangedFile, VerifyCheck, Walk } from "../../state/verify/check.ts";
import type { Decisions } from "../core/decisions.ts";
import { rewriteDecisions } from "../kinds/rewrite.ts";
import { anchorOf } from "../upkeep/seal.ts";

/**
 * `seal.anchored`: what a commit seals is of days before a commit that a decision in force has seen, and was there already, as it is:
 * people have anchored every byte before it leaves its file.
 */
export function sealAnchored(decisions: Decisions): VerifyCheck {
  return {
    rules: ["seal.anchored"],
    begin: async (walk) => {
      const segmentOf = segmentFinder(walk.ground.kinds);
      let at: Oid | null = null;
      let sealed = new Map<string, Segment>();
      let event: AuditEventV1 | undefined;
      const start = ({ commit }: Commit) => {
        if (at === commit) return;
        at = commit;
        sealed = new Map();
        event = undefined;
      };
      return {
        onFile(file, commit) {
          start(commit);
          const segment = file.before === null && file.after !== null ? segmentOf(file.path) : undefined;
          if (segment !== undefined) sealed.set(segment.folder, segment);
          event ??= sealEventIn(file);
        },
        async onCommit(commit, parent) {
          start(commit);
          const segments = [...sealed.values()];
          const why =
            segments.length === 0 ? null : await whyLoose(walk, decisions, { segments, event, commit, parent });
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

function sealEventIn({ before, after }: ChangedFile): AuditEventV1 | undefined {
  const document = before === null ? after?.document : undefined;
  if (document === undefined || !("schema" in document) || document.schema !== "audit-event.v1") return undefined;
  return document.action === SEALED ? document : undefined;
}

interface Seal {
  readonly segments: readonly Segment[];
  readonly event: AuditEventV1 | undefined;
  readonly commit: Commit;
  readonly parent: Commit | null;
}

/** Why a seal does not hang on a decision; null where it does. That a decision has seen what it names is a rule of its own. */
async function whyLoose(
  { ground }: Walk,
  decisions: Decisions,
  { segments, event, commit, parent }: Seal,
): Promise<{ readonly path: string | null; readonly message: string } | null> {
  const seq = Number(commit.trailers.get("Waybill-Seq") ?? 0);
  // People let the history up to there take the place of another: what it seals was anchored in the one that is gone.
  if (rewriteDecisions(decisions).some(({ rewrite }) => seq <= rewrite.new.seq)) return null;
  const anchor = anchorIn(decisions, event);
  if (anchor === null)
    return { path: null, message: "it seals, and no decision in force has seen the commit that it names" };
  if (anchor.seq >= seq) return { path: null, message: "it seals what a decision has seen only later" };
  const { at } = await ground.store.commit(anchor.commit);
  const folders = segments.map(({ folder }) => folder);
  const then = await ground.store.read(anchor.commit, folders);
  const before = parent === null ? [] : await ground.store.read(parent.commit, folders);
  for (const [i, { folder, key, sealing }] of segments.entries()) {
    const shown = printable(folder);
    if (!(sealing.dayOf(key) < at.slice(0, 10)))
      return {
        path: folder,
        message: `it seals ${shown}, which is no day before ${at.slice(0, 10)}, when a decision was anchored`,
      };
    if (then[i]?.oid !== before[i]?.oid)
      return { path: folder, message: `it seals ${shown}, which is not as the decision has seen it` };
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
