import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { utcTime } from "./commit-object.ts";
import { FaultPlan } from "./faults.ts";
import { ObjectStore } from "./object-store.ts";
import { RateLimits } from "./rate.ts";
import { FakeRepository } from "./repository.ts";
import type { Caller, FakeAccount, Reply } from "./route.ts";
import { runGit } from "./run-git.ts";
import { TokenBook } from "./tokens.ts";

/** One request that was answered, or dropped, by the stand-in. */
export interface SentRequest {
  readonly n: number;
  readonly kind: "rest" | "graphql" | "git" | "upload" | "download" | "browser";
  readonly method: string;
  readonly path: string;
  /** Of GitHub's description; for GraphQL the names of the fields at the root, for git the service. */
  operation: string | null;
  readonly token: Caller["kind"] | "none" | "bad";
  /** Null while it is open, and where the connection was dropped. */
  status: number | null;
  sentBytes: number;
}

/** What an event tells: `action` as GitHub names it, and what belongs to it. */
export type EventPayload = Readonly<Record<string, unknown>> & { readonly action?: string };

/** Something that would start workflows on GitHub, with who caused it and what GitHub makes of it. */
export interface SeenEvent {
  /** For example `push`, `pull_request`, `release`, `workflow_dispatch`. */
  readonly name: string;
  readonly payload: EventPayload;
  readonly repository: FakeRepository;
  readonly by: FakeAccount | null;
  readonly at: Date;
  /** Caused by a workflow token, so nothing starts (facts 2.1). */
  readonly suppressed: boolean;
  /** A run is made, but waits until a person approves it. */
  readonly needsApproval: boolean;
}

/** Where the stand-in is reached. */
export interface FakeUrls {
  /** For example `http://127.0.0.1:4711/api/v3`. */
  readonly api: string;
  /** For example `http://127.0.0.1:4711`: pages, browser downloads and git. */
  readonly server: string;
  /** For example `http://127.0.0.1:4712/api/uploads`. */
  readonly uploads: string;
  /** Where downloads are redirected to; it must never see a token. For example `http://127.0.0.1:4713`. */
  readonly objects: string;
}

/** What a new repository is like. */
export interface NewRepository {
  readonly owner: FakeAccount;
  readonly name: string;
  readonly private?: boolean;
  readonly defaultBranch?: string;
  readonly forkOf?: FakeRepository;
}

/** Everything that the stand-in knows, without how it is reached. */
export class FakeWorld {
  readonly accounts: FakeAccount[] = [];
  readonly repositories: FakeRepository[] = [];
  readonly requests: SentRequest[] = [];
  readonly events: SeenEvent[] = [];
  readonly faults = new FaultPlan();
  readonly tokens = new TokenBook();
  readonly rate = new RateLimits();
  /** What was asked or answered that GitHub's descriptions do not know; a test with any fails. */
  readonly violations: string[] = [];
  readonly folder: string;
  readonly objects: ObjectStore;
  /** Set when the server listens. */
  urls: FakeUrls = { api: "", server: "", uploads: "", objects: "" };
  /** The newest id before the last request that may have written: what a stale read still shows. */
  lastIdBeforeWrite = 0;
  /** The last answer to each read of each reader, its body as JSON. */
  readonly lastReads = new Map<string, Reply & { readonly body: string }>();
  #lastId = 1000;
  #nowMs: number;
  readonly #clock: (() => Date) | null;

  constructor(folder: string, options: { readonly startAt?: Date; readonly clock?: () => Date } = {}) {
    this.folder = folder;
    this.objects = new ObjectStore(join(folder, "objects"));
    this.#nowMs = (options.startAt ?? new Date("2026-03-01T12:00:00Z")).getTime();
    this.#clock = options.clock ?? null;
  }

  /** The forge's own time: it stands still until a test advances it, unless a clock was given. */
  now(): Date {
    return this.#clock?.() ?? new Date(this.#nowMs);
  }

  /** The same as answers show it: RFC 3339 UTC, whole seconds. */
  timestamp(): string {
    return utcTime(this.now());
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  /** An id that was never used before, larger than all others. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** The newest id given out. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Makes an account; a bot's login ends in `[bot]`. */
  addAccount(login: string, type: FakeAccount["type"] = "User", id = this.nextId()): FakeAccount {
    const account: FakeAccount = { id, login, type };
    this.accounts.push(account);
    return account;
  }

  /** Makes an empty repository, or a fork with everything that its parent has. */
  async addRepository(wanted: NewRepository): Promise<FakeRepository> {
    const id = this.nextId();
    const path = join(this.folder, "repositories", `${id}.git`);
    await mkdir(path, { recursive: true });
    const defaultBranch = wanted.defaultBranch ?? wanted.forkOf?.defaultBranch ?? "main";
    const repo = new FakeRepository(path, {
      id,
      owner: wanted.owner,
      name: wanted.name,
      private: wanted.private ?? wanted.forkOf?.private ?? false,
      defaultBranch,
      parent: wanted.forkOf ?? null,
      createdAt: this.timestamp(),
    });
    await runGit(path, ["init", "--quiet", "--bare", `--initial-branch=${defaultBranch}`]);
    for (const setting of [
      "gc.auto 0",
      "receive.autogc false",
      "uploadpack.allowFilter true",
      "uploadpack.allowAnySHA1InWant true",
    ]) {
      await repo.git(["config", ...setting.split(" ")]);
    }
    if (wanted.forkOf !== undefined) {
      const heads = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
      await repo.git(["fetch", "--quiet", wanted.forkOf.path, ...heads]);
    }
    this.repositories.push(repo);
    return repo;
  }

  /** Finds a repository; GitHub ignores case. */
  repository(owner: string, name: string): FakeRepository | null {
    const wanted = `${owner}/${name}`.toLowerCase();
    return this.repositories.find((each) => each.fullName.toLowerCase() === wanted) ?? null;
  }

  /** Finds an account by login; GitHub ignores case. */
  account(login: string): FakeAccount | null {
    return this.accounts.find((each) => each.login.toLowerCase() === login.toLowerCase()) ?? null;
  }

  accountById(id: number): FakeAccount | null {
    return this.accounts.find((each) => each.id === id) ?? null;
  }

  /** Records an event; a workflow token's start nothing, those on pull requests wait for a person (facts 2.1). */
  emit(repository: FakeRepository, caller: Caller | null, name: string, payload: EventPayload = {}): void {
    const isDispatch = name === "workflow_dispatch" || name === "repository_dispatch";
    const isWorkflow = caller?.kind === "workflow" && !isDispatch;
    const isOpening = name === "pull_request" && /^(?:opened|synchronize|reopened)$/.test(payload.action ?? "");
    this.events.push({
      name,
      payload,
      repository,
      by: caller?.account ?? null,
      at: this.now(),
      suppressed: isWorkflow && !isOpening,
      needsApproval: isWorkflow && isOpening,
    });
  }
}
