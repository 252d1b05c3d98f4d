import { documentKinds } from "../../../cli/compose/kinds.ts";
import { decisionKinds } from "../../../cli/compose/decision-kinds.ts";
import type { Decisions } from "../../../src/gate/core/decisions.ts";
import { loadDecisions } from "../../../src/gate/view/view.ts";
import { isOid, type Oid } from "../../../src/kernel/oid.ts";
import { createMemoryGitStore } from "../../../src/platform/memory/git-store.ts";
import { loadSchemas } from "../../../src/schema/documents.ts";
import { DECISIONS, STATE } from "../../../src/state/branches.ts";
import { memoryFolder } from "../memory-folder.ts";
import { canonical } from "./canonical.ts";
import { naiveView } from "./fold.ts";
import type { NaiveCondition, NaiveView } from "./history.ts";
import { type Played, plain } from "./play.ts";

const schemas = loadSchemas();

/** What both folds say of a history, in one form. */
export interface Said {
  /** Commit to what it came to. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** Path to the decision in force. */
  readonly inForce: Readonly<Record<string, string>>;
  readonly used: readonly string[];
}

/**
 * The two answers where the branch is at one commit after another, oldest first. All have one cache, so that a view which goes on from
 * a remembered one is held against the naive one from the root too.
 */
export async function bothViews(
  { stage, ids }: Pick<Played, "stage" | "ids">,
  at: readonly string[],
): Promise<readonly { readonly naive: Said; readonly real: Said }[]> {
  const { repository } = stage;
  repository.branches.set(STATE, oid(stateOf(stage)));
  const ground = {
    store: createMemoryGitStore({ repository }),
    schemas,
    kinds: documentKinds,
    decisionKinds,
    cache: memoryFolder(),
    root: null,
    version: "test",
  };
  const answers = [];
  for (const commit of at) {
    const naive = naiveView(stage, commit);
    repository.branches.set(DECISIONS, oid(commit));
    const real = await loadDecisions(ground);
    answers.push({ naive: saidByNaive(naive, ids), real: saidByReal(real, naive, ids) });
  }
  return answers;
}

function oid(text: string): Oid {
  if (!isOid(text)) throw new Error(`${text} is no object id`);
  return text;
}

/** The branch of facts: whose it is, and evidence. */
function stateOf({ evidence, ...stage }: Played["stage"]): string {
  const scope = {
    schema: "state.v1",
    format_version: 1,
    tenant_id: "tenant",
    repo_id: "repo",
    forge_repository_id: 81,
    created_at: "2026-01-05T10:00:00Z",
  };
  const files = [...evidence].map(([id, bytes]) => [`decisions/${id.slice(5, 7)}/${id}.json`, plain(bytes)] as const);
  return stage.commit([], new Map([["state.json", plain(canonical(scope))], ...files]), 1);
}

function saidByNaive(view: NaiveView, ids: readonly string[]): Said {
  return {
    outcomes: Object.fromEntries(view.outcomes.map(({ commit, outcome }) => [commit, outcome.kind])),
    inForce: Object.fromEntries(
      [...view.inForce].map(([path, { proposalId, digest, grade, approvers, selfApproved }]) => [
        path,
        [proposalId, digest, grade, approvers.join("+"), selfApproved].join(" "),
      ]),
    ),
    used: ids.filter((id) => view.used.has(id)),
  };
}

function saidByReal(view: Decisions, naive: NaiveView, ids: readonly string[]): Said {
  const conditions = new Map<string, readonly NaiveCondition[]>(
    naive.outcomes.map(({ commit, outcome }) => [commit, outcome.kind === "dishonoured" ? outcome.conditions : []]),
  );
  const dishonoured = view.dishonoured.map(({ commit, condition, message }) => {
    const expected = conditions.get(commit) ?? [];
    const isSame = expected.length === 0 || expected.includes(condition);
    const said = isSame ? "dishonoured" : `dishonoured by ${condition} and not ${expected.join("+")}: ${message}`;
    return [commit, said] as const;
  });
  const paths = new Set([...naive.inForce.keys(), ...view.list("").map(({ path }) => path)]);
  return {
    outcomes: Object.fromEntries<string>([
      ...view.merged.filter(({ commit }) => commit !== view.root).map(({ commit }) => [commit, "conforming"] as const),
      ...dishonoured,
      ...view.pending.map(({ commit }) => [commit, "pending"] as const),
    ]),
    inForce: Object.fromEntries(
      [...paths].flatMap((path) => {
        const found = view.find(path);
        if (found === undefined) return [];
        const { proposalId, sha256, grade, approvers, selfApproved } = found;
        return [[path, [proposalId, sha256, grade, approvers.toSorted().join("+"), selfApproved].join(" ")]];
      }),
    ),
    used: ids.filter((id) => view.isUsed(id)),
  };
}
