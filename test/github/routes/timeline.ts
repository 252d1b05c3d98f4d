import { settle } from "../model/pull-life.ts";
import { mergeBase } from "../model/pull-merge.ts";
import type { FakePull } from "../model/pulls.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { page } from "./answers.ts";
import { type Fields, isFields } from "./body.ts";
import { number } from "./issues.ts";
import { showReview } from "./reviews.ts";
import { commitsBetween, showCommit } from "./show-commit.ts";
import { showComment, showEvent } from "./show-issue.ts";
import { showGhost } from "./show-user.ts";

/** Everything that happened to an issue or a pull request, oldest first. */
export const timeline: Routes = {
  "issues/list-events-for-timeline": list,
};

interface Row {
  readonly id: number;
  readonly at: string;
  readonly row: Fields;
}

async function list(call: Call): Promise<Reply> {
  const issue = number(call);
  const { issues: state, pulls } = call.repo.features;
  const pull = pulls.get(issue);
  if (pull !== undefined) await pulls.alone(() => settle(call, pull));
  const rows: readonly Row[] = [
    ...(pull === undefined ? [] : [...(await committed(call, pull)), ...reviewed(call, pull)]),
    ...state
      .eventsOf(issue)
      .map((event) => ({ id: event.id, at: event.createdAt, row: withActor(showEvent(event, call), call) })),
    ...state.commentsOf(issue).map((comment) => {
      const shown = showComment(comment, call);
      const row = withActor({ ...shown, event: "commented", actor: shown["user"] }, call);
      return { id: comment.id, at: comment.createdAt, row };
    }),
  ];
  const sorted = rows.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id - b.id));
  return page(call, sorted, (each) => each.row);
}

/** The timeline names ghost where the list of events has no actor. */
function withActor(row: Fields, call: Call): Fields {
  return row["actor"] === null ? { ...row, actor: showGhost(call.world) } : row;
}

function reviewed(call: Call, pull: FakePull): readonly Row[] {
  const submitted = pull.reviews.filter((review) => review.submittedAt !== null);
  return submitted.map((review) => {
    const shown = showReview(review, pull, call);
    const user = shown["user"] ?? showGhost(call.world);
    const row = { ...shown, user, event: "reviewed", state: review.state.toLowerCase() };
    return { id: review.id, at: review.submittedAt ?? "", row };
  });
}

/** Commits stand where their own date puts them, which is whatever their writer says; they have neither actor nor `created_at`. */
async function committed(call: Call, pull: FakePull): Promise<readonly Row[]> {
  const base = await mergeBase(call.repo, pull.mergedAt === null ? pull.baseTip : pull.baseSha, pull.headSha);
  const ids = await commitsBetween(call.repo, base, pull.headSha);
  return Promise.all(
    ids.map(async (id) => {
      const { commit, sha, node_id, url, html_url, parents } = await showCommit(call, id);
      const inner: Fields = isFields(commit) ? commit : {};
      const committer: Fields = isFields(inner["committer"]) ? inner["committer"] : {};
      const { author, tree, message, verification } = inner;
      const row = {
        event: "committed",
        sha,
        node_id,
        url,
        html_url,
        author,
        committer,
        tree,
        message,
        parents,
        verification,
      };
      return { id: 0, at: String(committer["date"]), row };
    }),
  );
}
