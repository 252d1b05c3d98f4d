import { reason, type Refused, refuse, ToolError } from "../../kernel/errors.ts";
import { isOid, type Oid, shortOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Commit, GitStore } from "../../ports/git-store.ts";
import type { GateOpenResultV1 } from "../../schema/types.gen.ts";
import { tipOf } from "../../state/transact.ts";
import { opened, type OpenRun } from "./open.ts";
import { rewriteKind } from "../kinds/rewrite.ts";

/** Commits of two histories that are held against each other. */
type Pair = readonly [old: Commit | undefined, next: Commit | undefined];

/**
 * Opens a proposal that lets the history of facts up to its tip give way to another one, which people made with git. Each commit of
 * the new history must stand for the one of the old that has its count and its operation. Throws `state.object.missing` where one of them is not here.
 */
export async function openRewrite(
  run: OpenRun,
  asked: { readonly old: string; readonly new: string },
): Promise<GateOpenResultV1 | Refused> {
  const { store } = run.ground;
  if (!isOid(asked.old) || !isOid(asked.new))
    return usage("A rewrite names both tips by their full commit ids", "git rev-parse");
  const tip = await tipOf(store);
  if (asked.old !== tip)
    return usage(
      `The facts are at ${tip}, not at ${printable(asked.old)}`,
      "Rewrite the history from its tip, with all writers at rest",
    );
  const next = asked.new;
  const made = await compare(store, asked.old, next).catch((cause: unknown) => {
    throw cause instanceof ToolError && cause.code === "state.object.missing" ? notThere(cause, next) : cause;
  });
  if (typeof made === "string")
    return usage(made, "git filter-repo --prune-empty never keeps every commit and its message");
  const { seq } = made;
  return opened(run, {
    kind: rewriteKind,
    key: { old: asked.old },
    draft: (header) =>
      Promise.resolve(
        header.state_seen.commit === asked.old
          ? {
              ...header,
              schema: "rewrite.v1",
              seen: {},
              old: { commit: asked.old, seq },
              new: { commit: asked.new, seq },
            }
          : usage("The facts moved meanwhile", "Rewrite the history from its tip, with all writers at rest"),
      ),
  });
}

/** Walks two histories back to where they meet, or to both roots; the text says what does not stand for the other. */
async function compare(store: GitStore, old: Oid, next: Oid): Promise<{ readonly seq: number } | string> {
  if (old === next) return "The new history is the old one";
  const left = store.log(null, old)[Symbol.asyncIterator]();
  const right = store.log(null, next)[Symbol.asyncIterator]();
  for (;;) {
    const [mine, theirs] = await Promise.all([left.next(), right.next()]);
    const pair: Pair = [mine.done === true ? undefined : mine.value, theirs.done === true ? undefined : theirs.value];
    if (pair[0]?.commit === pair[1]?.commit) break;
    const problem = problemOf(pair);
    if (problem !== null) return problem;
  }
  return { seq: Number((await store.commit(old)).trailers.get("Waybill-Seq") ?? 0) };
}

function problemOf([was, is]: Pair): string | null {
  if (was === undefined) return "The new history has more commits than the old one";
  if (is === undefined) return `The new history has nothing for ${shortOid(was.commit)} and what is before it`;
  if (is.parents.length > 1) return `${shortOid(is.commit)} has ${is.parents.length} parents`;
  const isSame = ["Waybill-Seq", "Waybill-Operation"].every((name) => was.trailers.get(name) === is.trailers.get(name));
  return isSame
    ? null
    : `${shortOid(is.commit)} does not stand for ${shortOid(was.commit)}: count and operation differ`;
}

/** The new history lies in a clone only, as `git filter-repo` leaves it. */
function notThere(cause: ToolError, next: Oid): ToolError {
  const hints = [`Push it first: git push <remote> ${next}:refs/heads/waybill/rewritten`, ...cause.hints];
  return new ToolError("state.object.missing", cause.message, { data: cause.data, hints, cause });
}

function usage(message: string, hint: string): Refused {
  return refuse(reason("usage.invalid_argument", message, {}, hint));
}
