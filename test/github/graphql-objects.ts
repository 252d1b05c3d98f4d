import type { RefTip } from "./bare-repository.ts";
import { type ParsedCommit, parseCommit, parseIdentity, utcTime, zonedTime } from "./commit-object.ts";
import type { GitObject } from "./object-reader.ts";
import type { FakeRepository } from "./repository.ts";
import type { Caller } from "./route.ts";
import { nodeId } from "./routes/show-user.ts";
import { refSeen, refsSeen } from "./stale.ts";
import { denialOfNeed, mayRead } from "./tokens.ts";
import { parseTree, type TreeEntry, typeOfMode } from "./tree-object.ts";
import type { FakeWorld } from "./world.ts";

/** GitHub cuts the text of a blob here. */
const MAX_TEXT_BYTES = 512 * 1024;
const MAX_PAGE = 100;

/** Who asks GraphQL, and of what world. */
export interface Asking {
  readonly world: FakeWorld;
  readonly caller: Caller;
  readonly isStale: boolean;
}

/** An error that GitHub's GraphQL answers with its `type`, for example `NOT_FOUND`. */
export class Problem extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** What the resolvers of a page are given. */
interface Page {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** Fields of the root of queries. */
export function queries(asking: Asking): object {
  const { world, caller } = asking;
  return {
    viewer: {
      __typename: "User",
      id: nodeId("U", caller.account.id),
      databaseId: caller.account.id,
      login: caller.account.login,
    },
    rateLimit: () => ({ cost: 1, limit: 5000, nodeCount: 0, remaining: 4999, resetAt: utcTime(world.now()), used: 1 }),
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repo = world.repository(owner, name);
      if (repo !== null && mayRead(repo, caller)) return repositoryView(repo, asking);
      throw new Problem("NOT_FOUND", `Could not resolve to a Repository with the name '${owner}/${name}'.`);
    },
    node: ({ id }: { id: string }) => {
      const repo = world.repositories.find((each) => nodeId("R", each.id) === id && mayRead(each, caller));
      if (repo !== undefined) return repositoryView(repo, asking);
      throw new Problem("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`);
    },
  };
}

/** A repository as GraphQL shows it; what git holds needs the permission to read contents. */
function repositoryView(repo: FakeRepository, asking: Asking): object {
  const held = <T, R>(show: (wanted: T) => R) => {
    return (wanted: T): R => {
      const denial = denialOfNeed({ any: ["contents"], level: "read" }, repo, asking.caller);
      if (denial !== null) throw new Problem("FORBIDDEN", denial.message);
      return show(wanted);
    };
  };
  return {
    __typename: "Repository",
    id: nodeId("R", repo.id),
    databaseId: repo.id,
    name: repo.name,
    nameWithOwner: repo.fullName,
    isPrivate: repo.private,
    isFork: repo.parent !== null,
    defaultBranchRef: held(() => namedRef(repo, `refs/heads/${repo.defaultBranch}`, asking)),
    ref: held(({ qualifiedName }: { qualifiedName: string }) => anyRef(repo, qualifiedName, asking)),
    refs: held((wanted: Page & { refPrefix: string }) => refPage(repo, wanted, asking)),
    object: held(async ({ oid, expression }: { oid?: string | null; expression?: string | null }) => {
      const found = await repo.object(oid ?? expression ?? "");
      return found === null ? null : objectView(repo, found, asking);
    }),
  };
}

async function namedRef(repo: FakeRepository, ref: string, asking: Asking): Promise<object | null> {
  const oid = await refSeen(repo, ref, asking.isStale);
  return oid === null ? null : refView(repo, { ref, oid }, asking);
}

/** A name without `refs/` may be a branch or a tag. */
async function anyRef(repo: FakeRepository, name: string, asking: Asking): Promise<object | null> {
  if (name.startsWith("refs/")) return namedRef(repo, name, asking);
  return (await namedRef(repo, `refs/heads/${name}`, asking)) ?? (await namedRef(repo, `refs/tags/${name}`, asking));
}

/** A ref; `prefix` is the part that was asked for, or the kind of ref. */
export function refView(repo: FakeRepository, tip: RefTip, asking: Asking, wanted?: string): object {
  const prefix = wanted ?? /^refs\/[^/]+\//.exec(tip.ref)?.[0] ?? "refs/";
  return {
    __typename: "Ref",
    id: nodeId("REF", `${repo.id}:${tip.ref}`),
    name: tip.ref.slice(prefix.length),
    prefix,
    repository: () => repositoryView(repo, asking),
    target: async () => {
      const found = await repo.object(tip.oid);
      return found === null ? null : objectView(repo, found, asking);
    },
  };
}

async function refPage(repo: FakeRepository, wanted: Page & { refPrefix: string }, asking: Asking): Promise<object> {
  const { refPrefix } = wanted;
  if (!/^refs\/(?:.*\/)?$/.test(refPrefix))
    throw new Problem("ARGUMENT_ERROR", "refPrefix must start with refs/ and end with a slash");
  const refs = await refsSeen(repo, refPrefix, asking.isStale);
  return connection(refs, wanted, (tip) => refView(repo, tip, asking, refPrefix));
}

function connection<T>(rows: readonly T[], { first, after, last, before }: Page, show: (row: T) => unknown): object {
  if (typeof last === "number" || typeof before === "string") throw new Error("paging backwards is not modelled");
  if (typeof first !== "number") {
    throw new Problem(
      "MISSING_PAGINATION_BOUNDARIES",
      "You must provide a `first` or `last` value to properly paginate.",
    );
  }
  if (first > MAX_PAGE) {
    throw new Problem(
      "EXCESSIVE_PAGINATION",
      `Requesting ${first} records exceeds the \`first\` limit of 100 records.`,
    );
  }
  const start = Number(Buffer.from(after ?? "", "base64").toString("utf8"));
  const end = Math.min(rows.length, start + first);
  const cursor = (at: number): string => Buffer.from(String(at)).toString("base64");
  return {
    totalCount: rows.length,
    nodes: rows.slice(start, end).map(show),
    pageInfo: {
      hasNextPage: end < rows.length,
      hasPreviousPage: start > 0,
      startCursor: end > start ? cursor(start) : null,
      endCursor: end > start ? cursor(end) : null,
    },
  };
}

/** Any git object. */
export function objectView(repo: FakeRepository, object: GitObject, asking: Asking): object {
  const { oid } = object;
  const base = {
    id: nodeId(object.type === "commit" ? "C" : object.type.slice(0, 1).toUpperCase(), oid),
    oid,
    abbreviatedOid: oid.slice(0, 7),
    repository: () => repositoryView(repo, asking),
  };
  if (object.type === "blob") return { ...base, ...blobView(object) };
  if (object.type === "commit") return { ...base, ...commitView(repo, oid, parseCommit(object.bytes), asking) };
  if (object.type === "tag") return { ...base, ...tagView(repo, object, asking) };
  return { ...base, __typename: "Tree", entries: () => entriesOf(repo, object, asking) };
}

/** A damaged tree shows no entries. */
function entriesOf(repo: FakeRepository, { bytes }: GitObject, asking: Asking): readonly object[] | null {
  try {
    return parseTree(bytes).map((entry) => entryView(repo, entry, asking));
  } catch {
    return null;
  }
}

function blobView({ bytes }: GitObject): object {
  const isBinary = bytes.subarray(0, 8000).includes(0);
  const text = isBinary ? null : bytes.subarray(0, MAX_TEXT_BYTES).toString("utf8");
  return { __typename: "Blob", byteSize: bytes.length, isBinary, isTruncated: bytes.length > MAX_TEXT_BYTES, text };
}

function entryView(repo: FakeRepository, entry: TreeEntry, asking: Asking): object {
  const { name, mode, oid, nameRaw } = entry;
  const type = typeOfMode(mode);
  const held = async (): Promise<GitObject | null> => (type === "commit" ? null : await repo.object(oid));
  return {
    name,
    nameRaw: nameRaw ?? Buffer.from(name).toString("base64"),
    path: name,
    mode: Number.parseInt(mode, 8),
    oid,
    type,
    size: async () => (type === "blob" ? ((await held())?.bytes.length ?? 0) : 0),
    object: async () => {
      const found = await held();
      return found === null ? null : objectView(repo, found, asking);
    },
  };
}

function tagView(repo: FakeRepository, { bytes }: GitObject, asking: Asking): object {
  const whole = bytes.toString("utf8");
  const header = (name: string): string => new RegExp(`^${name} (.*)$`, "m").exec(whole)?.[1] ?? "";
  return {
    __typename: "Tag",
    name: header("tag"),
    message: whole.slice(whole.indexOf("\n\n") + 2),
    tagger: actorView(parseIdentity(header("tagger"))),
    target: async () => {
      const found = await repo.object(header("object"));
      return found === null ? null : objectView(repo, found, asking);
    },
  };
}

function actorView(who: ParsedCommit["author"]): object {
  return { name: who.name, email: who.email, date: zonedTime(who), user: null };
}

function commitView(repo: FakeRepository, oid: string, commit: ParsedCommit, asking: Asking): object {
  const message = commit.message.replace(/\n$/, "");
  const [headline = "", ...rest] = message.split("\n");
  const view = async (expression: string): Promise<object | null> => {
    const found = await repo.object(expression);
    return found === null ? null : objectView(repo, found, asking);
  };
  return {
    __typename: "Commit",
    message,
    messageHeadline: headline,
    messageBody: rest.join("\n").trim(),
    author: actorView(commit.author),
    authoredDate: utcTime(commit.author.at),
    committer: actorView(commit.committer),
    committedDate: utcTime(commit.committer.at),
    tree: () => view(commit.tree),
    parents: (page: Page) => connection(commit.parents, page, view),
    signature: signatureView(commit),
    file: async ({ path }: { path: string }) => {
      const slash = path.lastIndexOf("/");
      const folder = await repo.object(`${oid}:${path.slice(0, Math.max(0, slash))}`);
      const entry =
        folder?.type === "tree"
          ? parseTree(folder.bytes).find((each) => each.name === path.slice(slash + 1))
          : undefined;
      return entry === undefined ? null : entryView(repo, entry, asking);
    },
    history: async (page: Page & { path?: string | null }) => {
      const below = typeof page.path === "string" ? ["--", page.path] : [];
      const list = await repo.git(["rev-list", oid, ...below]);
      return connection(list.split("\n"), page, view);
    },
  };
}

function signatureView({ signature, payload, committer }: ParsedCommit): object | null {
  if (signature === null) return null;
  const wasSignedByGitHub = committer.email === "noreply@github.com";
  const { email } = committer;
  return {
    __typename: "GpgSignature",
    email,
    isValid: true,
    payload,
    signature,
    state: "VALID",
    wasSignedByGitHub,
    keyId: "B5690EEEBB952194",
  };
}
