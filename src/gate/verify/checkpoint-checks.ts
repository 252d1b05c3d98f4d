import { shortOid } from "../../kernel/oid.ts";
import { CLOCK_LEEWAY_MS, msOf, timestamp } from "../../kernel/time.ts";
import { isData } from "../../kernel/json.ts";
import type { Folder } from "../../ports/files.ts";
import type { Commit } from "../../ports/git-store.ts";
import type { CheckpointV1, StateVerifyResultV1 } from "../../schema/types.gen.ts";
import { STATE } from "../../state/branches.ts";
import { allowedBy, type Rewrites } from "../../state/rewrites.ts";
import type { ChangedFile, Report, VerifyCheck } from "../../state/verify/check.ts";
import { ageOf, judgeCheckpoint, type JudgedCheckpoint, readCheckpoint } from "../upkeep/checkpoint.ts";
import type { WalkedDecisions } from "./checks.ts";
import type { GateGround } from "../ground.ts";

/** Path of the one checkpoint. */
const PATH = "checkpoint.json";
const FILE = "checkpoint.json";

/**
 * `checkpoint.forged` and `checkpoint.back` along history: a checkpoint names the tip that it is written onto, is not dated after its
 * own commit, and its time does not go back; its count cannot. Who signed an old one is not asked: attestors come and go.
 */
export function checkpointHistory(rewrites?: Rewrites): VerifyCheck {
  return {
    rules: ["checkpoint.back", "checkpoint.forged"],
    begin: async ({ ground, after, report }) => {
      let last = after === null ? null : await readCheckpoint(ground, after);
      return {
        async onFile(file, commit) {
          const found = checkpointIn(file);
          if (found === undefined) return;
          const problem = found === null ? null : await problemIn(found, commit, rewrites);
          if (problem !== null) return report(forged(commit, problem));
          const back = last === null ? null : backProblem(last, found);
          if (back !== null) report(wentBack(commit, back));
          last = found ?? last;
        },
      };
    },
  };
}

/** How fresh the tips must be, and where what was found goes. */
export interface Freshness {
  /** Greatest age of the newest checkpoint, in place of the time until which it says that it is good; null leaves that to it. */
  readonly maxAgeMs: number | null;
  /** Filled by the check. */
  readonly seen: { checkpoint: StateVerifyResultV1["checkpoint"] };
}

/**
 * `checkpoint.forged`, `.expired` and `.missing` at the tip, and `state.ref.rewound` where this user has seen a newer checkpoint. A tip's own
 * time never stands in for a checkpoint: whoever withholds history can date a commit of facts as they like.
 */
export function checkpointFresh(ground: GateGround, walked: WalkedDecisions | null, how: Freshness): VerifyCheck {
  return {
    rules: ["checkpoint.expired", "checkpoint.forged", "checkpoint.missing"],
    begin: async ({ tip, report }) => ({
      async finish() {
        if (walked === null) return;
        const judged = await judgeCheckpoint(ground, walked.decisions, tip);
        const say: Say = (rule, message, data = {}) =>
          report({ rule, branch: STATE, commit: tip, path: PATH, message, data, next: NEXT[rule] ?? "" });
        how.seen.checkpoint = judged === null ? null : describe(judged, how.maxAgeMs, ground.clock.now());
        const isGenuine = judged !== null && judged.problem === null;
        if (judged !== null && judged.problem !== null) say("checkpoint.forged", `${PATH}: ${judged.problem}`);
        if (!isGenuine && how.maxAgeMs !== null)
          say("checkpoint.missing", "No checkpoint says how far the branches are");
        if (how.seen.checkpoint?.status === "expired") say("checkpoint.expired", how.seen.checkpoint.message ?? "");
        await remember(ground.cache, isGenuine ? judged.document : null, say);
      },
    }),
  };
}

type Say = (rule: string, message: string, data?: Parameters<Report>[0]["data"]) => void;

const NEXT: Readonly<Record<string, string>> = {
  "checkpoint.expired": "fetch from another place; where there is no newer one, ask who runs waybill state checkpoint",
  "checkpoint.forged": "find who pushed it; waybill state checkpoint puts a true one in its place",
  "checkpoint.missing": "ask whoever holds the key of an attestor to run waybill state checkpoint",
  "state.ref.rewound": "find out who moved it, and put back what is missing",
};

function describe(
  { document, attestor, problem }: JudgedCheckpoint,
  maxAgeMs: number | null,
  now: Date,
): StateVerifyResultV1["checkpoint"] {
  const { state, decisions, made_at, expires } = document;
  const ageMs = ageOf(document, now);
  const until = maxAgeMs === null ? msOf(expires) : msOf(made_at) + maxAgeMs;
  const late =
    now.getTime() > until
      ? `The newest checkpoint is of ${made_at} and was to be followed by another before ${timestamp(new Date(until))}: somebody may withhold newer history`
      : null;
  return {
    status: problem !== null ? "forged" : late !== null ? "expired" : "valid",
    message: problem ?? late,
    attestor,
    state,
    decisions: decisions.commit,
    made_at,
    expires,
    age_seconds: Math.floor(ageMs / 1000),
  };
}

/** The checkpoint that a file holds after a commit; null where it was removed, undefined where the file is none. */
function checkpointIn({ place, after }: ChangedFile): CheckpointV1 | null | undefined {
  if (place?.kind.name !== "checkpoint.v1") return undefined;
  if (after === null) return null;
  const { document } = after;
  return document !== undefined && "schema" in document && document.schema === "checkpoint.v1" ? document : undefined;
}

async function problemIn(
  { state, made_at }: CheckpointV1,
  commit: Commit,
  rewrites?: Rewrites,
): Promise<string | null> {
  if (msOf(made_at) > msOf(commit.at) + CLOCK_LEEWAY_MS) return `it is dated ${made_at}, after its own commit`;
  const seq = Number(commit.trailers.get("Waybill-Seq") ?? Number.NaN);
  if (seq !== state.seq + 1) return `it counts ${state.seq} commits before it`;
  if (commit.parents[0] === state.commit) return null;
  // In a history that was rewritten it names the commit that was there before.
  const isRewritten = (await allowedBy(rewrites)).some(({ old }) => seq <= old.seq);
  return isRewritten ? null : "it names another tip than it was written onto";
}

function backProblem(last: CheckpointV1, found: CheckpointV1 | null): string | null {
  if (found === null) return `the checkpoint of ${last.made_at} was removed`;
  return msOf(found.made_at) < msOf(last.made_at) ? `it is of ${found.made_at}, after one of ${last.made_at}` : null;
}

function forged({ commit }: Commit, problem: string): Parameters<Report>[0] {
  const next = NEXT["checkpoint.forged"] ?? "";
  return {
    rule: "checkpoint.forged",
    branch: STATE,
    commit,
    path: PATH,
    message: `${PATH}: ${problem}`,
    data: {},
    next,
  };
}

function wentBack({ commit }: Commit, problem: string): Parameters<Report>[0] {
  const next = `look at ${shortOid(commit)}^, and find who pushed it`;
  return { rule: "checkpoint.back", branch: STATE, commit, path: PATH, message: `${PATH}: ${problem}`, data: {}, next };
}

/** Keeps the newest checkpoint that this user has seen; an older one, or none, after it is a branch that went back. */
async function remember(cache: Folder, found: CheckpointV1 | null, say: Say): Promise<void> {
  const seen = remembered(await cache.read(FILE));
  const isOlder = seen !== null && (found === null || found.state.seq < seen.seq || found.made_at < seen.made_at);
  if (isOlder) {
    const now = found === null ? "it is gone" : `now it is of ${found.made_at}`;
    say("state.ref.rewound", `The checkpoint of ${seen.made_at} was seen here, and ${now}`, { ...seen });
    return;
  }
  if (found === null) return;
  const { made_at, state } = found;
  await cache.write(FILE, new TextEncoder().encode(`${JSON.stringify({ made_at, seq: state.seq })}\n`));
}

function remembered(bytes: Uint8Array | null): { readonly made_at: string; readonly seq: number } | null {
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!isData(value)) return null;
    const { made_at, seq } = value;
    return typeof made_at === "string" && typeof seq === "number" ? { made_at, seq } : null;
  } catch {
    // A cache that cannot be read is as good as none.
    return null;
  }
}
