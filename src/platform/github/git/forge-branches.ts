import type { Oid } from "../../../kernel/oid.ts";
import { byCodePoint, printable } from "../../../kernel/text.ts";
import type { Clock } from "../../../ports/clock.ts";
import { isReplaced } from "../../git/apply.ts";
import { corrupt, oidOf } from "../../git/objects.ts";
import type { Branches, Queue, Swap } from "../../git/store-parts.ts";
import type { RefAnswer } from "./answers.ts";
import type { Asker } from "./asker.ts";
import { swapFailure } from "./failures.ts";
import type { ForgeObjects } from "./forge-objects.ts";
import { KnownTips } from "./known-tips.ts";
import { refNamed, refsBelow } from "./questions.ts";
import { isUnknown } from "../until-known.ts";

const HEADS = "refs/heads/";
/** What GitHub takes for "does not exist" in a swap. */
const NOTHING = "0".repeat(40);
/** A true compare-and-swap: a branch that is not at `beforeOid` stays as it is. */
const SWAP = "mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }";

/** Branches at GitHub. */
export interface ForgeBranches extends Branches {
  /** These branches for one change: a tip that is asked for comes with these folders. `wasAsked` tells whether one was. */
  with(folders: readonly string[]): Branches & { readonly wasAsked: () => boolean };
  /** Remembers where a branch was moved to just now. */
  moved(branch: string, tip: Oid): void;
}

/** Opens the branches of a repository at GitHub. */
export function forgeBranches(
  asker: Asker,
  objects: ForgeObjects,
  { clock, freshMs }: { readonly clock: Clock; readonly freshMs: number },
): ForgeBranches {
  const tips = new KnownTips(clock, () => asker.others());
  const ask = async (branch: string, folders: readonly string[]): Promise<Oid | null> => {
    const begun = tips.moment();
    const [ref] = await Promise.all([
      asker.ask(refNamed(HEADS + branch)) as Promise<RefAnswer | null>,
      objects.bring(HEADS + branch, folders),
    ]);
    objects.known.take(ref?.target ?? null);
    return tips.set(branch, ref === null ? null : tipOf(ref, branch), begun);
  };
  const tip = async (branch: string, folders: readonly string[]): Promise<Oid | null> =>
    (tips.get(branch) ?? { tip: await ask(branch, folders) }).tip;
  const swap = async (branch: string, from: Oid | null, to: Oid | null): Promise<Swap> => {
    const force = isReplaced(branch);
    const update = { name: HEADS + branch, beforeOid: from ?? NOTHING, afterOid: to ?? NOTHING, force };
    try {
      await asker.client.graphql(SWAP, { input: { repositoryId: await asker.repositoryId(), refUpdates: [update] } });
    } catch (cause) {
      tips.forget();
      // GitHub has no code of its own for a branch that is elsewhere.
      if (!isUnknown(cause) && (await ask(branch, [])) !== from) return "lost";
      return swapFailure(cause, asker.location, branch);
    }
    tips.set(branch, to);
    return "swapped";
  };
  const branches: Branches = {
    tip: (branch) => tip(branch, []),
    list: (prefix) => listBranches(asker, prefix),
    freshen: async () => tips.forgetOlder(freshMs),
    landed: () => undefined,
    refresh: async () => tips.forget(),
    swap,
    queue: oneAtATime(),
    lockHint: async () => [],
    isShallow: async () => false,
    close: () => Promise.resolve(),
  };
  return {
    ...branches,
    with(folders) {
      let wasAsked = false;
      return {
        ...branches,
        wasAsked: () => wasAsked,
        tip(branch) {
          wasAsked ||= tips.get(branch) === null;
          return tip(branch, folders);
        },
      };
    },
    moved: (branch, to) => void tips.set(branch, to),
  };
}

/** Two changes of one process at the same time would only race each other. */
function oneAtATime(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    async apply(branch, wish, land) {
      const turn = last.then(() => land(branch, [wish]));
      last = turn;
      return (await turn)[0] ?? null;
    },
  };
}

function tipOf({ target }: RefAnswer, branch: string): Oid {
  if (target?.kind === "Commit") return oidOf(target.oid, `The tip of ${branch}`);
  throw corrupt(`The branch ${branch}`, "its tip is no commit");
}

interface RefsAnswer {
  readonly nodes: readonly RefAnswer[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

async function listBranches(asker: Asker, prefix: string): Promise<ReadonlyMap<string, Oid>> {
  const found: (readonly [string, Oid])[] = [];
  for (let after: string | null = null; ; ) {
    const page = (await asker.ask(refsBelow(HEADS + prefix, after))) as RefsAnswer | null;
    for (const ref of page?.nodes ?? []) {
      const name = `${ref.prefix}${ref.name}`;
      if (name.startsWith(HEADS + prefix))
        found.push([name.slice(HEADS.length), tipOf(ref, printable(name.slice(HEADS.length)))]);
    }
    if (page?.pageInfo.hasNextPage !== true || page.pageInfo.endCursor === after) break;
    after = page.pageInfo.endCursor;
  }
  return new Map(found.toSorted(([a], [b]) => byCodePoint(a, b)));
}
