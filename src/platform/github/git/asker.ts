import { ToolError } from "../../../kernel/errors.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { GithubClient } from "../client.ts";
import { forgeError } from "../forge-error.ts";
import { MADE, THING } from "./answers.ts";
import { storeFailure } from "./failures.ts";
import type { Question } from "./questions.ts";

/** Questions that one request carries at most, and requests that are on their way together. */
const QUESTIONS = 64;
const REQUESTS = 4;

/** What a store needs of the client. */
export type StoreClient = Pick<GithubClient, "at" | "graphql" | "now" | "request" | "sent">;

/** Asks GitHub; what is asked at the same time travels together. */
export interface Asker {
  readonly client: StoreClient;
  /** `owner/repo`. */
  readonly location: string;
  /** The field's value. Throws `state.push.network`, `.unauthorised`, `state.repository.missing` and `forge.*`. */
  ask(question: Question): Promise<unknown>;
  /** GitHub's own id of the repository, which some mutations want. */
  repositoryId(): Promise<string>;
  /** GitHub's time now, never later than it is there. */
  now(): Date;
  /** Changes whenever anything but a question of ours is sent through the client: a merge, for example. */
  others(): number;
}

interface Answer {
  readonly repository?: Readonly<Record<string, unknown>> | null;
}

interface Asked {
  readonly question: Question;
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: unknown) => void;
}

/** Opens a mouth to GitHub's GraphQL; nothing is sent until something is asked. */
export function openAsker(client: StoreClient, clock: Clock): Asker {
  const { owner, repo } = client.at;
  const location = `${owner}/${repo}`;
  const waiting: Asked[] = [];
  let running = 0;
  let isDue = false;
  let id: string | null = null;
  let aheadMs = 0;
  let sent = 0;

  const send = async (batch: readonly Asked[]): Promise<void> => {
    const { query, variables } = queryOf(batch.map(({ question }) => question));
    sent += 1;
    const answer = (await client.graphql(query, { owner, repo, ...variables })) as Answer | undefined;
    // The header tells whole seconds of a moment that is past.
    aheadMs = (client.now() ?? clock.now()).getTime() - clock.now().getTime();
    // An answer that was cut off on the way is none.
    if (answer?.repository === undefined) throw cutShort(client.at.apiUrl);
    const found = answer.repository;
    if (found === null) throw hidden(location);
    id = String(found["id"]);
    for (const [index, { resolve }] of batch.entries()) resolve(found[`f${index}`] ?? null);
  };
  const next = (): void => {
    isDue = false;
    while (waiting.length > 0 && running < REQUESTS) {
      const batch = waiting.splice(0, QUESTIONS);
      running += 1;
      void send(batch)
        .catch((cause: unknown) => {
          const failure = storeFailure(cause, location, `Reading ${location}`);
          for (const { reject } of batch) reject(failure);
        })
        .finally(() => {
          running -= 1;
          next();
        });
    }
  };
  const ask = (question: Question): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (isDue) return;
      isDue = true;
      // Everything that is asked before the loop turns goes with it, however deep in promises it is.
      setImmediate(next);
    });
  return {
    client,
    location,
    ask,
    async repositoryId() {
      if (id === null) await ask({ variables: [], field: () => "name" });
      if (id === null) throw hidden(location);
      return id;
    },
    now: () => new Date(clock.now().getTime() + aheadMs),
    others: () => client.sent() - sent,
  };
}

function queryOf(questions: readonly Question[]): {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
} {
  const variables: Record<string, unknown> = {};
  const types: string[] = [];
  const fields = questions.map((question, index) => {
    const names = question.variables.map(([type, value], place) => {
      const name = `v${index}_${place}`;
      variables[name] = value;
      types.push(`$${name}: ${type}`);
      return `$${name}`;
    });
    return `f${index}: ${question.field(names)}`;
  });
  const text = fields.join("\n");
  const head = `query ($owner: String!, $repo: String!${types.map((type) => `, ${type}`).join("")})`;
  const body = `{ repository(owner: $owner, name: $repo) { id\n${text}\n} }`;
  return { query: [`${head} ${body}`, ...fragmentsOf(text)].join("\n"), variables };
}

/** A document may not carry a fragment that it does not use. */
function fragmentsOf(text: string): readonly string[] {
  if (text.includes("...Thing")) return [THING, MADE];
  return text.includes("...Made") ? [MADE] : [];
}

/** GitHub's answer came, but not whole. */
export function cutShort(apiUrl: string): ToolError {
  return forgeError("forge.unanswered", `${apiUrl} did not finish its answer`, { data: { status: null } });
}

function hidden(location: string): ToolError {
  return new ToolError("state.repository.missing", `GitHub shows no repository ${location}`, {
    data: { remote: location },
    hints: ["Check the name, and that the token may read the repository"],
  });
}
