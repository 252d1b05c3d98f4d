import { spawn } from "node:child_process";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { judged, noteMove } from "./move-ref.ts";
import { pushOf, refusalOf, refusedPush } from "./receive-pack.ts";
import type { FakeRepository } from "./repository.ts";
import { allOf } from "./bodies.ts";
import type { Caller, Reply } from "./route.ts";
import { GIT_ENV } from "./run-git.ts";
import { denialOfNeed, mayRead } from "./tokens.ts";
import type { FakeWorld } from "./world.ts";

const PATH = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** What git asks for over HTTP. */
export interface GitAsked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly caller: Caller | null;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Tells whether a path of the server is git's, and which service it is. */
export function gitService(path: string, query: URLSearchParams): string | null {
  const last = PATH.exec(path)?.[3];
  if (last === undefined) return null;
  return last === "info/refs" ? (query.get("service") ?? "dumb") : last;
}

/** Answers git's smart HTTP with `git http-backend`; pushes obey the rulesets. */
export async function answerGit(world: FakeWorld, asked: GitAsked): Promise<Reply> {
  const [, owner = "", name = "", rest = ""] = PATH.exec(asked.path) ?? [];
  const repo = world.repository(owner, name);
  const isPush = gitService(asked.path, asked.query) === "git-receive-pack";
  const denied = denialOfGit(repo, asked.caller, isPush);
  if (denied !== null || repo === null) return denied ?? plain(404, "Repository not found.");
  const sent = await allOf(asked.bytes);
  const body = asked.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
  if (isPush && rest !== "info/refs") return await push(world, repo, asked, body);
  return await backend(world, repo, rest, asked, body);
}

/** Judges a push before any ref moves, and tells what moved. */
async function push(world: FakeWorld, repo: FakeRepository, asked: GitAsked, body: Buffer): Promise<Reply> {
  const { commands, pack } = pushOf(body);
  // What is judged must be there; objects of a refused push stay behind unreachable, where GitHub drops them.
  if (pack.length > 0) await repo.tryGit(["index-pack", "--stdin", "--fix-thin"], pack);
  const moves = await Promise.all(commands.map((move) => judged(repo, move)));
  const refusals = await Promise.all(moves.map((move) => refusalOf(repo, move, asked.caller)));
  if (refusals.some((refusal) => refusal !== null)) return refusedPush(moves, refusals);
  const reply = await backend(world, repo, "git-receive-pack", asked, body);
  const report = Buffer.isBuffer(reply.body) ? reply.body.toString("latin1") : "";
  for (const move of moves) if (report.includes(`ok ${move.ref}\n`)) noteMove(world, repo, asked.caller, move);
  return reply;
}

function denialOfGit(repo: FakeRepository | null, caller: Caller | null, isPush: boolean): Reply | null {
  if (repo === null || !mayRead(repo, caller)) {
    return caller === null ? unauthorised() : plain(404, "Repository not found.");
  }
  const denial = denialOfNeed({ any: ["contents"], level: isPush ? "write" : "read" }, repo, caller);
  if (denial === null) return null;
  if (caller === null) return unauthorised();
  return plain(403, isPush ? `Permission to ${repo.fullName}.git denied to ${caller.account.login}.` : denial.message);
}

function unauthorised(): Reply {
  return { ...plain(401, "Repository not found."), headers: { "www-authenticate": 'Basic realm="GitHub"' } };
}

function plain(status: number, text: string): Reply {
  return { status, body: Buffer.from(`${text}\n`), headers: { "content-type": "text/plain; charset=UTF-8" } };
}

function backend(world: FakeWorld, repo: FakeRepository, rest: string, asked: GitAsked, body: Buffer): Promise<Reply> {
  const config = {
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_0: "http.receivepack",
    GIT_CONFIG_VALUE_0: "true",
    GIT_CONFIG_KEY_1: "receive.hideRefs",
    GIT_CONFIG_VALUE_1: "refs/pull",
  };
  const child = spawn("git", ["http-backend"], {
    env: {
      ...GIT_ENV,
      ...config,
      GIT_PROJECT_ROOT: join(world.folder, "repositories"),
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: asked.headers["git-protocol"],
      PATH_INFO: `/${repo.id}.git/${rest}`,
      QUERY_STRING: asked.query.toString(),
      REQUEST_METHOD: asked.method,
      REMOTE_USER: asked.caller?.account.login ?? "",
      CONTENT_TYPE: asked.headers["content-type"],
      CONTENT_LENGTH: String(body.length),
    },
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on("error", () => {});
  child.stdin.end(body);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(replyOf(Buffer.concat(chunks))));
  });
}

function replyOf(output: Buffer): Reply {
  const end = output.indexOf("\r\n\r\n");
  const rows = output
    .toString("latin1", 0, end)
    .split("\r\n")
    .map((line) => line.split(": "));
  const headers = Object.fromEntries(rows.map(([name = "", value = ""]) => [name.toLowerCase(), value]));
  const { status = "200", ...rest } = headers;
  return { status: Number.parseInt(status, 10), headers: rest, body: output.subarray(end + 4) };
}
