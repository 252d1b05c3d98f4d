import { actOf } from "../../src/kernel/act.ts";
import { reason, refuse, ToolError } from "../../src/kernel/errors.ts";
import type { Oid } from "../../src/kernel/oid.ts";
import { timestamp } from "../../src/kernel/time.ts";
import type {
  Account,
  Forge,
  ForgeAnswers,
  Proposal,
  ProposalPage,
  Review,
  WorkflowRun,
} from "../../src/ports/forge.ts";
import { DECISIONS, PROPOSALS } from "../../src/state/branches.ts";
import type { GateWorld } from "./gate-world.ts";
import { hostile } from "./hostile.ts";
import type { Faults, TestPull } from "./test-pull.ts";

const BOT: Account = { id: 41898282, login: "github-actions[bot]", kind: "bot" };
/** Number of the repository of these tests. */
export const REPOSITORY_ID = 81;

/** A forge in memory over the repository of a gate world: what people and strangers do there, and the port that the tool sees. */
export class TestForge {
  readonly pulls: TestPull[] = [];
  readonly accounts = new Map<string, Account>();
  readonly permissions = new Map<number, boolean | null>();
  readonly runs = new Map<number, WorkflowRun>();
  readonly faults: Faults = { failing: new Set(), mayOpen: true, loseAnswerOf: null };
  /** Calls of the port, in order. */
  readonly calls: (keyof Forge)[] = [];
  repositoryId = REPOSITORY_ID;
  /** As whom the tool acts. */
  token: Account = BOT;
  readonly forge: Forge;
  readonly #world: GateWorld;
  /** The forge's clock, which a wrong clock of the runner does not change. */
  #nowMs: number;

  constructor(world: GateWorld) {
    this.#world = world;
    this.#nowMs = world.ground.clock.now().getTime();
    this.forge = this.#port();
  }

  get now(): string {
    return timestamp(new Date(this.#nowMs));
  }

  pass(minutes: number): void {
    this.#nowMs += minutes * 60_000;
  }

  /** Makes an account; `mayWrite` null means that the forge does not say. */
  account(login: string, id: number, more: { kind?: Account["kind"]; mayWrite?: boolean | null } = {}): Account {
    const account = { id, login, kind: more.kind ?? "user" } as const;
    this.accounts.set(login, account);
    this.permissions.set(id, more.mayWrite === undefined ? true : more.mayWrite);
    return account;
  }

  pull(which: number | string): TestPull {
    const isIt = (pull: TestPull) => pull.number === which || pull.branch === PROPOSALS + which;
    const found = this.pulls.filter(isIt).at(-1);
    if (found === undefined) throw new Error(`no pull request ${which}`);
    return found;
  }

  /** A person opens a pull request by hand, from any branch or repository. */
  async openByHand(
    branch: string,
    head: Oid,
    by: Account | null,
    headRepository = this.repositoryId,
  ): Promise<TestPull> {
    const base = (await this.#world.store.head(DECISIONS))!;
    const pull: TestPull = {
      number: this.pulls.length + 1,
      branch,
      headRepository,
      author: by,
      head,
      base,
      state: "open",
      retargeted: false,
      merged: null,
      reviews: [],
      page: null,
      statuses: [],
      comments: [],
      writes: 0,
    };
    this.pulls.push(pull);
    return pull;
  }

  /** A person reviews, as the forge lets everybody who can read. */
  async review(
    which: number | string,
    by: Account | null,
    verdict: Review["verdict"] = "approved",
    commit?: Oid,
  ): Promise<void> {
    const pull = this.pull(which);
    const mayWrite = by === null ? null : (this.permissions.get(by.id) ?? null);
    const on = commit ?? (await this.#headOf(pull));
    pull.reviews.push({ by, verdict, commit: on, submittedAt: this.now, dismissedAt: null, mayWrite });
  }

  dismiss(which: number | string, by: Account): void {
    const { reviews } = this.pull(which);
    const at = reviews.findLastIndex((review) => review.by?.id === by.id);
    reviews[at] = { ...reviews[at]!, dismissedAt: this.now };
  }

  /** A person presses the merge button, whatever policy says; by hand the content is checked for conflicts only. */
  async mergeInUi(which: number | string, by: Account | null, method: "merge" | "squash" = "merge"): Promise<Oid> {
    const pull = this.pull(which);
    return this.#merge(pull, await this.#headOf(pull), by, method);
  }

  #port(): Forge {
    const call = async <T>(name: keyof Forge, work: () => Promise<T>): Promise<T> => {
      this.calls.push(name);
      if (this.faults.failing.has(name)) throw new ToolError("forge.unavailable", `HTTP 502 at ${name}`);
      const answer = await work();
      if (this.faults.loseAnswerOf !== name) return answer;
      this.faults.loseAnswerOf = null;
      throw new ToolError("forge.unanswered", `no answer to ${name}`);
    };
    return {
      kind: "github",
      name: "acme/notes",
      url: "https://github.example/acme/notes",
      compareUrl: compareUrlOf,
      open: (proposal, page) => call("open", () => this.#open(proposal, page)),
      list: (state) => this.#list(state),
      find: (which) => call("find", () => this.#find(which)),
      answers: (proposal, run) => call("answers", () => this.#answers(proposal, run)),
      run: ({ run_id: id }) => call("run", async () => this.runs.get(id) ?? null),
      show: ({ number }, page) =>
        call("show", async () => {
          const pull = this.pull(number!);
          if (JSON.stringify(pull.page) !== JSON.stringify(page)) pull.writes += 1;
          pull.page = page;
        }),
      post: ({ number }, status) =>
        call("post", async () => {
          const pull = this.pull(number!);
          const on = await this.#headOf(pull);
          const last = pull.statuses.filter((one) => one.on === on).at(-1);
          if (last?.state === status.state && last.description === status.description) return;
          pull.statuses.push({ ...status, on, by: this.token.login });
        }),
      comment: ({ number }, event, text) =>
        call("comment", async () => {
          const { comments } = this.pull(number!);
          if (!comments.some((comment) => comment.event === event)) comments.push({ event, text });
        }),
      close: ({ number }) =>
        call("close", async () => {
          const pull = this.pull(number!);
          if (pull.state === "open") pull.state = "closed";
        }),
      merge: ({ number }, head) => call("merge", () => this.#mergeByTool(this.pull(number!), head)),
      me: () => call("me", async () => (this.token.kind === "user" ? this.token : null)),
      visibility: async () => "private",
      repositoryId: () => call("repositoryId", async () => this.repositoryId),
      account: async (login) => this.accounts.get(login) ?? null,
      now: () => call("now", async () => new Date(this.#nowMs)),
      dispatch: async () => undefined,
    };
  }

  async #open(proposal: { readonly id: string; readonly head: Oid; readonly base: Oid }, page: ProposalPage) {
    const open = this.pulls.find((one) => one.branch === PROPOSALS + proposal.id && one.state === "open");
    if (open !== undefined) return { proposal: await this.#proposal(open) };
    if (!this.faults.mayOpen) {
      const url = compareUrlOf(proposal.id);
      const message = "GitHub Actions may not open pull requests in acme/notes";
      return { compareUrl: url, why: reason("forge.pull_request.not_permitted", message, {}, `open it: ${url}`) };
    }
    const pull = await this.openByHand(PROPOSALS + proposal.id, proposal.head, this.token);
    pull.page = page;
    return { proposal: await this.#proposal(pull) };
  }

  async *#list(state: "open" | "merged"): AsyncIterable<Proposal> {
    this.calls.push("list");
    if (this.faults.failing.has("list")) throw new ToolError("forge.unavailable", "HTTP 502 at list");
    for (const pull of this.pulls.toReversed()) if (pull.state === state) yield await this.#proposal(pull);
  }

  async #find(which: string | number): Promise<Proposal | null> {
    const isIt = (pull: TestPull) =>
      typeof which === "number"
        ? pull.number === which
        : pull.branch === PROPOSALS + which && pull.headRepository === this.repositoryId;
    const found = this.pulls.filter(isIt).at(-1);
    return found === undefined ? null : this.#proposal(found);
  }

  async #proposal(pull: TestPull): Promise<Proposal> {
    const isOurs = pull.branch.startsWith(PROPOSALS);
    return {
      id: isOurs ? pull.branch.slice(PROPOSALS.length) : `pull-${pull.number}`,
      number: pull.number,
      base: pull.base,
      head: await this.#headOf(pull),
      state: pull.state,
      merge: pull.merged?.commit ?? null,
      url: `https://github.example/acme/notes/pull/${pull.number}`,
      foreign: pull.headRepository !== this.repositoryId,
    };
  }

  async #headOf(pull: TestPull): Promise<Oid> {
    const isHere = pull.headRepository === this.repositoryId && pull.state === "open";
    if (isHere) pull.head = (await this.#world.store.head(pull.branch)) ?? pull.head;
    return pull.head;
  }

  async #answers(
    { number }: Proposal,
    asked: { readonly run_id: number; readonly attempt: number } | null,
  ): Promise<ForgeAnswers> {
    const pull = this.pull(number!);
    const commits = [];
    for await (const commit of this.#world.store.log(pull.base, await this.#headOf(pull)))
      commits.push({
        commit: commit.commit,
        author: this.#accountBehind(commit.author),
        committer: this.#accountBehind(commit.committer),
      });
    const { author, reviews, retargeted, merged } = pull;
    const run = asked === null ? null : (this.runs.get(asked.run_id) ?? null);
    return { author, commits: commits.toReversed(), reviews: [...reviews], retargeted, merged, run, at: this.now };
  }

  #accountBehind(identity: string): Account | null {
    return this.accounts.get(identity.replace(/ <.*$/, "")) ?? null;
  }

  async #mergeByTool(pull: TestPull, head: Oid) {
    if ((await this.#headOf(pull)) !== head) return refuse(reason("state.push.conflict", "the head moved"));
    try {
      return { commit: await this.#merge(pull, head, this.token, "merge") };
    } catch {
      return refuse(reason("gate.merge.refused", "not mergeable"));
    }
  }

  async #merge(pull: TestPull, head: Oid, by: Account | null, method: "merge" | "squash"): Promise<Oid> {
    if (pull.state !== "open") throw new Error("not open");
    const { store } = this.#world;
    const tip = (await store.head(DECISIONS))!;
    for await (const { path, before } of store.diff(pull.base, head)) {
      const [now] = await store.read(tip, [path]);
      if ((now?.oid ?? null) !== before) throw new Error(`conflict in ${path}`);
    }
    const act = actOf({ ...this.#world.act(), at: this.now });
    const writes = new Map(
      Object.entries(await hostile(this.#world).filesOf(head, pull.base)).map(
        ([path, bytes]) => [path, bytes] as const,
      ),
    );
    const message = `Merge pull request #${pull.number}`;
    const change = { act, reads: new Map(), writes, message, ...(method === "merge" ? { merge: head } : {}) };
    const applied = await store.apply(DECISIONS, change, new Date("2100-01-01T00:00:00Z"));
    if (!("commit" in applied)) throw new Error("it moved");
    pull.head = head;
    pull.state = "merged";
    pull.merged = { at: this.now, by, commit: applied.commit };
    return applied.commit;
  }
}

function compareUrlOf(id: string): string {
  return `https://github.example/acme/notes/compare/${DECISIONS}...${PROPOSALS}${id}?expand=1`;
}
