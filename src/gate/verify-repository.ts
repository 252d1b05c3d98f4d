import { ToolError } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";
import type { Folder } from "../ports/files.ts";
import type { StateVerifyResultV1 } from "../schema/types.gen.ts";
import { DECISIONS, STATE } from "../state/branches.ts";
import { checkTip } from "../state/tips.ts";
import { tipOf } from "../state/transact.ts";
import type { Report, VerifyCheck } from "../state/verify/check.ts";
import { noFindings } from "../state/verify/findings.ts";
import { type Prefix, prefixKey, readPrefix, writePrefix } from "../state/verify/prefix.ts";
import { walkState } from "../state/verify/walk.ts";
import { type WalkedDecisions, walkDecisions } from "./checks.ts";
import type { GateGround } from "./ground.ts";

/** What verifying a repository needs besides its ground. */
export interface Verification {
  readonly version: string;
  /** Checks of facts, of every plane. */
  readonly checks: readonly VerifyCheck[];
  /** Checks that need the effective view and look at the end of facts only; what they find is found in every run. */
  readonly ending: (decisions: WalkedDecisions | null) => readonly VerifyCheck[];
  /** Starts at the root although an earlier walk is remembered. */
  readonly full: boolean;
  readonly progress: (done: number, total: number) => void;
}

type Missing = StateVerifyResultV1["missing"][number];
type Verified = Omit<StateVerifyResultV1, "artifacts">;

/**
 * Walks both branches from their roots to their tips and holds every commit against every rule. All violations are reported, a
 * rewound tip included, and it goes on; what is not in this repository makes the answer `incomplete`, never `verified`.
 * Throws `state.branch.missing` where there are no facts at all.
 */
export async function verifyRepository(ground: GateGround, how: Verification): Promise<Verified> {
  const began = ground.clock.now().getTime();
  const found = noFindings();
  const missing: Missing[] = [];
  for (const branch of [STATE, DECISIONS]) await reportRewound(ground, branch, found.report);
  const tip = await tipOf(ground.store);
  const calm = { ...ground, cache: withoutTips(ground.cache) };
  const decided = await decisionsOf(calm, found.report, missing);

  const facts = await walkFacts(calm, how, { tip, decided, missing }, found.report);
  const status = found.count() > 0 ? "violated" : missing.length > 0 ? "incomplete" : "verified";
  if (status === "verified") await writePrefix(ground.cache, facts.key, { state: tip, commits: facts.commits });
  return {
    schema: "state-verify-result.v1",
    status,
    facts: { tip, at: (await ground.store.commit(tip)).at, commits: facts.commits, remembered: facts.remembered },
    decisions: decided && decisionsDocument(decided),
    checkpoint: null,
    duration_ms: ground.clock.now().getTime() - began,
    missing,
    pending: decided === null ? [] : decided.decisions.pending.map(pendingDocument),
    violations: found.violations,
    violation_count: found.count(),
    commits_violated: found.commits(),
  };
}

async function walkFacts(
  ground: GateGround,
  how: Verification,
  on: { readonly tip: Oid; readonly decided: WalkedDecisions | null; readonly missing: Missing[] },
  report: Report,
): Promise<{ readonly key: string; readonly commits: number; readonly remembered: number }> {
  const { tip, decided, missing } = on;
  const checks = decided === null ? how.checks : [...how.checks, decided.check];
  const root = decided === null ? null : decided.decisions.root;
  const key = prefixKey({ version: how.version, kinds: ground.kinds, checks, root });
  const prefix = how.full ? null : await usable(ground, await readPrefix(ground.cache, key), tip);
  const span = { after: prefix === null ? null : prefix.state, tip };
  const walked = await walkState(ground, [...checks, ...how.ending(decided)], span, report, how.progress);
  if (walked.missing !== null || (await ground.store.isShallow())) missing.push(cutShort(walked.missing));
  const remembered = prefix === null ? 0 : prefix.commits;
  return { key, commits: walked.commits + remembered, remembered };
}

/** A remembered walk counts only while the tip follows its end. */
async function usable({ store }: GateGround, prefix: Prefix | null, tip: Oid): Promise<Prefix | null> {
  if (prefix === null || prefix.state === tip) return prefix;
  for await (const { parents } of store.log(prefix.state, tip)) if (parents[0] === prefix.state) return prefix;
  return null;
}

async function reportRewound(ground: GateGround, branch: string, report: Report): Promise<void> {
  try {
    await checkTip(ground, branch);
  } catch (cause) {
    if (!(cause instanceof ToolError) || cause.code !== "state.ref.rewound") throw cause;
    report({
      rule: "state.ref.rewound",
      branch,
      commit: await ground.store.head(branch),
      path: null,
      message: cause.message,
      data: cause.data,
      next: "find out who moved it and put back what is missing; until then every command on this machine refuses it",
    });
  }
}

/** What was remembered of tips was compared and reported already; the root stays pinned. */
function withoutTips(cache: Folder): Folder {
  const isTip = (path: string) => path.startsWith("tip-");
  return {
    ...cache,
    read: async (path) => (isTip(path) ? null : cache.read(path)),
    write: async (path, content) => (isTip(path) ? undefined : cache.write(path, content)),
  };
}

async function decisionsOf(ground: GateGround, report: Report, missing: Missing[]): Promise<WalkedDecisions | null> {
  try {
    return await walkDecisions(ground, report);
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause;
    const { code, message, data } = cause;
    if (code === "state.branch.missing" || code === "state.object.missing") {
      const next =
        code === "state.branch.missing" ? `git fetch origin ${DECISIONS}` : "git fetch --unshallow, then again";
      missing.push({ branch: DECISIONS, commit: null, message, next });
      return null;
    }
    const rule = ruleOf[code];
    if (rule === undefined) throw cause;
    const next = "no decision of this branch is in force here; find out who made it";
    report({ rule, branch: DECISIONS, commit: await ground.store.head(DECISIONS), path: null, message, data, next });
    return null;
  }
}

/** Rules about a branch of decisions as a whole. */
const ruleOf: Readonly<Record<string, string>> = {
  "state.root.mismatch": "root.mismatch",
  "state.document.invalid": "root.mismatch",
  "document.not_canonical": "root.mismatch",
  "text.invalid_utf8": "root.mismatch",
  "state.limit.exceeded": "tree.bounded",
  "state.object.corrupt": "object.intact",
};

function cutShort(found: { readonly commit: Oid; readonly message: string } | null): Missing {
  const message = found?.message ?? "This clone is shallow";
  return { branch: STATE, commit: found?.commit ?? null, message, next: "git fetch --unshallow, then again" };
}

function decisionsDocument({ decisions, commits }: WalkedDecisions): StateVerifyResultV1["decisions"] {
  return { root: decisions.root, tip: decisions.tip, at: decisions.at, commits };
}

function pendingDocument(
  merge: WalkedDecisions["decisions"]["pending"][number],
): StateVerifyResultV1["pending"][number] {
  return { commit: merge.commit, proposal_id: merge.proposalId, paths: merge.paths, message: merge.message };
}
