import type { FaultEffect, FaultPlan, FaultTarget } from "../github/faults.ts";
import { Statuses } from "../github/model/statuses.ts";
import type { FakeRepository } from "../github/repository.ts";

/** How one write goes wrong. That a process dies after a write is the same as that it dies before the next one. */
export type Death = "the process dies before it" | "its answer is lost" | "it is answered 502";

/** Every way in which a write goes wrong. */
export const DEATHS: readonly Death[] = ["the process dies before it", "its answer is lost", "it is answered 502"];

/** Tells a request that changes something. */
export function isWrite({ kind, method, operation }: Pick<FaultTarget, "kind" | "method" | "operation">): boolean {
  if (kind === "graphql") return operation?.startsWith("mutation") === true;
  return kind !== "git" && method !== "GET";
}

/** Plans that the n-th write from now on goes wrong; a process that died sends nothing more. */
export function breakWrite(faults: FaultPlan, n: number, death: Death): void {
  let writes = 0;
  const count = (target: FaultTarget): number => (writes += isWrite(target) ? 1 : 0);
  const isIt = (target: FaultTarget): boolean => count(target) === n && isWrite(target);
  if (death === "it is answered 502") faults.add({ when: isIt, effect: { kind: "status", status: 502 } });
  else if (death === "its answer is lost") faults.add({ when: isIt, effect: { kind: "lose" } });
  else faults.add({ when: (target) => count(target) >= n, effect: { kind: "drop" }, times: Number.POSITIVE_INFINITY });
}

/** Plans that every read fails at its first try, however many are under way at once. */
export function breakEachRead(faults: FaultPlan, effect: FaultEffect): void {
  const failed = new Set<string>();
  const isFirst = (target: FaultTarget): boolean => {
    const read = `${target.method} ${target.path} ${target.asks}`;
    if (isWrite(target) || target.kind === "git" || failed.has(read)) return false;
    failed.add(read);
    return true;
  };
  faults.add({ when: isFirst, effect, times: Number.POSITIVE_INFINITY });
}

/** Plans that no read of one kind is answered. */
export function breakReads(faults: FaultPlan, operation: string | null): void {
  const isIt = (target: FaultTarget): boolean => target.operation === operation && !isWrite(target);
  faults.add({ when: isIt, effect: { kind: "status", status: 502 }, times: Number.POSITIVE_INFINITY });
}

/** Remembers what a repository holds; answers how to bring it back to that, whatever happened since. */
export async function remember(repo: FakeRepository): Promise<() => Promise<void>> {
  const { pulls, issues, statuses } = repo.features;
  const refs = await repo.refs();
  const kept = structuredLists(repo);
  const posted = pulls.all.flatMap(({ headSha }) => statuses.of(headSha).toReversed());
  return async () => {
    const now = await repo.refs();
    const names = new Set([...refs, ...now].map(({ ref }) => ref));
    const tip = (list: typeof refs, ref: string) => list.find((one) => one.ref === ref)?.oid ?? null;
    const moves = [...names].map((ref) => ({ ref, from: tip(now, ref), to: tip(refs, ref) }));
    if (!(await repo.swap(moves.filter(({ from, to }) => from !== to)))) throw new Error("a ref moved meanwhile");
    pulls.all.splice(0, Infinity, ...kept.pulls.map(copyOf));
    issues.comments.splice(0, Infinity, ...kept.comments.map((one) => ({ ...one })));
    issues.events.splice(0, Infinity, ...kept.events);
    issues.labelsOf.clear();
    for (const [number, labels] of kept.labels) issues.labelsOf.set(number, [...labels]);
    const fresh = new Statuses();
    for (const status of posted) fresh.add(status);
    Object.assign(repo.features, { statuses: fresh });
  };
}

function structuredLists({ features: { pulls, issues } }: FakeRepository) {
  return {
    pulls: pulls.all.map(copyOf),
    comments: issues.comments.map((one) => ({ ...one })),
    events: [...issues.events],
    labels: [...issues.labelsOf].map(([number, names]) => [number, [...names]] as const),
  };
}

type Pull = FakeRepository["features"]["pulls"]["all"][number];

function copyOf(pull: Pull): Pull {
  return { ...pull, reviews: pull.reviews.map((review) => ({ ...review })), requested: [...pull.requested] };
}
