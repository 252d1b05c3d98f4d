import * as fs from "node:fs";
import { listServerRefs, packObjects } from "isomorphic-git";
import { ToolError } from "../../kernel/errors.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import type { GitResult } from "../git/git-process.ts";
import { branchName } from "../git/paths.ts";
import { remoteError } from "../git/remote-errors.ts";
import type { Addressed } from "./headers.ts";
import { gitHttp } from "./http-client.ts";
import { bandsOf, FLUSH, pktLine, pktLines } from "./pkt-line.ts";

const HEADS = "refs/heads/";
const NONE = "0".repeat(40);
const AGENT = "agent=waybill";
/** Branches that are taken from a listing. */
const MAX_BRANCHES = 100_000;
/** Tips that a server is told of, so that it sends only what is new. */
const MAX_HAVES = 256;

/** Branches of a remote below a prefix, by their names. Throws what {@link remoteError} knows. */
export async function listBranches(
  { url, headers }: Addressed,
  prefix: string,
  doing: string,
): Promise<ReadonlyMap<string, Oid>> {
  const listed = await listServerRefs({ http: gitHttp, url, headers: { ...headers }, prefix: HEADS + prefix }).catch(
    (cause: unknown) => {
      throw failure(url, cause, doing);
    },
  );
  const found = new Map<string, Oid>();
  for (const { ref, oid } of listed.slice(0, MAX_BRANCHES)) {
    const branch = ref.slice(HEADS.length);
    // A name that no branch of ours has is nothing to us, and must not become a path.
    if (ref.startsWith(HEADS + prefix) && isBranch(branch) && isOid(oid)) found.set(branch, oid);
  }
  return found;
}

function isBranch(name: string): boolean {
  try {
    return branchName(name) === name;
  } catch {
    return false;
  }
}

/** Asks for a pack of what leads to some commits and not to others. Throws what {@link remoteError} knows. */
export async function fetchPack(
  remote: Addressed,
  { wants, haves }: { readonly wants: readonly Oid[]; readonly haves: readonly Oid[] },
  doing: string,
): Promise<AsyncIterable<Uint8Array>> {
  const capabilities = ` ofs-delta side-band-64k no-progress ${AGENT}`;
  const body = [
    ...wants.map((oid, i) => pktLine(`want ${oid}${i === 0 ? capabilities : ""}\n`)),
    FLUSH,
    ...haves.slice(0, MAX_HAVES).map((oid) => pktLine(`have ${oid}\n`)),
    pktLine("done\n"),
  ];
  const answer = await post(remote, "git-upload-pack", body, doing);
  const { content } = bandsOf(answer, (line) => /^(?:NAK|ACK )/.test(line));
  return typed(content, remote.url, doing);
}

async function* typed(chunks: AsyncIterable<Uint8Array>, url: string, doing: string): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (cause) {
    throw failure(url, cause, doing);
  }
}

/** What a push of one ref is made of: an expected tip, a new one, and what the server lacks. */
export interface Push {
  readonly ref: string;
  readonly from: Oid | null;
  readonly to: Oid | null;
  readonly objects: readonly Oid[];
}

/**
 * Moves one ref from one tip to another, which the server compares: a true compare-and-swap in one request. Answers what
 * `git push --porcelain` prints, so that both drivers read it alike.
 */
export async function pushPack(remote: Addressed, gitDir: string, push: Push): Promise<GitResult> {
  const { ref, from, to } = push;
  const command = `${from ?? NONE} ${to ?? NONE} ${ref}\0 report-status side-band-64k ${AGENT}`;
  const pack = to === null ? [] : [await packOf(gitDir, push.objects)];
  try {
    const answer = await post(remote, "git-receive-pack", [pktLine(command), FLUSH, ...pack], `Pushing ${ref}`);
    return await readReport(answer, ref);
  } catch (cause) {
    const output = cause instanceof ToolError ? cause.data["output"] : null;
    const stderr = typeof output === "string" ? output : messageOf(cause);
    return { status: 128, stdout: Buffer.alloc(0), stderr };
  }
}

async function packOf(gitDir: string, oids: readonly Oid[]): Promise<Uint8Array> {
  const { packfile } = await packObjects({ fs, dir: gitDir, gitdir: gitDir, oids: [...oids], cache: {} });
  if (packfile === undefined) throw new ToolError("internal.bug", "A pack was made of nothing");
  return packfile;
}

/** Lines `unpack ok`, `ok <ref>` and `ng <ref> <why>`, in a band of their own. Source: gitprotocol-pack(5). */
async function readReport(answer: AsyncIterable<Uint8Array>, ref: string): Promise<GitResult> {
  const bands = bandsOf(answer, () => false);
  const parts: Uint8Array[] = [];
  const plain: string[] = [];
  for await (const part of bands.content)
    if (/^(?:unpack|ok|ng) /.test(Buffer.from(part).toString("latin1", 0, 8)))
      plain.push(Buffer.from(part).toString("utf8"));
    else parts.push(part);
  for await (const line of pktLines(oneOf(Buffer.concat(parts)))) if (line !== null) plain.push(line.toString("utf8"));
  const lines = plain.map((line) => line.trimEnd());
  const unpacked = lines.find((line) => line.startsWith("unpack ")) ?? "";
  const refused = lines.find((line) => line.startsWith(`ng ${ref} `))?.slice(ref.length + 4);
  const stderr = bands.said().replaceAll(/^(?=.)/gm, "remote: ");
  if (unpacked === "unpack ok" && lines.includes(`ok ${ref}`)) return said(0, ` \t:${ref}\tdone`, stderr);
  const why = refused ?? (unpacked === "unpack ok" ? "no answer" : "unpacker error");
  return said(1, `!\t:${ref}\t[remote rejected] (${why})`, `${stderr}\n${unpacked}`);
}

async function* oneOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function said(status: number, line: string, stderr: string): GitResult {
  return { status, stdout: Buffer.from(`${line}\n`), stderr };
}

async function post(
  { url, headers }: Addressed,
  service: string,
  body: readonly Uint8Array[],
  doing: string,
): Promise<AsyncIterable<Uint8Array>> {
  const type = `application/x-${service}`;
  try {
    const answer = await gitHttp.request({
      url: `${url}/${service}`,
      method: "POST",
      headers: { ...headers, "content-type": `${type}-request`, accept: `${type}-result` },
      body: chunksOf(body),
    });
    if (answer.statusCode !== 200) throw new Error(`The requested URL returned error: ${answer.statusCode}`);
    return answer.body ?? oneOf(Buffer.alloc(0));
  } catch (cause) {
    throw failure(url, cause, doing);
  }
}

async function* chunksOf(parts: readonly Uint8Array[]): AsyncIterableIterator<Uint8Array> {
  yield* parts;
}

/** What a request came to, in the words of git, which are read in one place for all drivers. */
function failure(url: string, cause: unknown, doing: string): ToolError {
  if (cause instanceof ToolError) return cause;
  const data: unknown = cause instanceof Error && "data" in cause ? cause.data : null;
  const status = typeof data === "object" && data !== null && "statusCode" in data ? data.statusCode : undefined;
  const text = typeof status === "number" ? `The requested URL returned error: ${status}` : messageOf(cause);
  return remoteError(url, text, doing);
}

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // Node names no reason where it tried several addresses of one host.
  return cause instanceof AggregateError ? cause.errors.map(String).join("; ") : cause.message;
}
