import { request as requestHttp, type ClientRequest, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { RequestError } from "octokit";
import { sha256Stream } from "../../kernel/digest.ts";
import type { Upload } from "../../ports/artifact-store.ts";
import { alteredFile } from "../altered-file.ts";

/** What one upload needs to know of its file; `onBytes` is told how much is sent in all. */
export interface FileToSend extends Pick<Upload, "name" | "contentType" | "sizeBytes" | "sha256" | "from"> {
  readonly onBytes: (doneBytes: number) => void;
}

const CHUNK_BYTES = 1 << 18;
/** Pieces in memory: one on its way, one withheld, one being read. */
const PIECES = 3;
/** Longest silence of a connection; GitHub answers some seconds after the last byte of a large file. */
const IDLE_MS = 300_000;
const MAX_ANSWER_BYTES = 1 << 20;

/**
 * Sends a file with one POST and its exact length; memory holds three pieces of it. The last piece is withheld until the digest of all
 * is found to be the one that was hashed before, so a file that somebody writes to meanwhile never arrives whole. No redirect is followed.
 * Throws `dist.upload.verify_failed`, a RequestError where the answer is none of success, anything else where there was no answer.
 */
export async function sendFile(
  url: URL,
  sender: { readonly token: string | null; readonly userAgent: string },
  file: FileToSend,
): Promise<unknown> {
  const pieces = checkedPieces(file);
  // A small file is checked before anything is sent.
  const first = await pieces.next();
  const open = url.protocol === "https:" ? requestHttps : requestHttp;
  const request = open(url, { method: "POST", headers: headersOf(sender, file) });
  request.setTimeout(IDLE_MS, () => request.destroy(new Error(`Nothing was heard for ${IDLE_MS / 1000} s`)));
  const answered = answerTo(request);
  try {
    let doneBytes = 0;
    let sent = Promise.resolve();
    for (let next = first; next.done !== true && !answered.isOver(); next = await pieces.next()) {
      const bytes = next.value;
      await sent;
      sent = answered.orSent((done) => request.write(bytes, done));
      file.onBytes((doneBytes += bytes.length));
    }
    if (!answered.isOver()) request.end();
    return await readAnswer(url, await answered.promise);
  } catch (cause) {
    request.destroy();
    throw cause;
  }
}

function headersOf(
  { token, userAgent }: { readonly token: string | null; readonly userAgent: string },
  { contentType, sizeBytes }: FileToSend,
) {
  return {
    accept: "application/vnd.github+json",
    "content-length": String(sizeBytes),
    "content-type": contentType,
    "user-agent": userAgent,
    ...(token === null ? {} : { authorization: `token ${token}` }),
  };
}

/** The answer, which may come before the last byte is sent, for example where the file is refused by its name. */
function answerTo(request: ClientRequest) {
  let over = false;
  const promise = new Promise<IncomingMessage>((resolve, reject) => {
    request.on("response", resolve);
    request.on("error", reject);
  });
  let wake: () => void = () => undefined;
  const end = () => {
    over = true;
    wake();
  };
  promise.then(end, end);
  return {
    promise,
    isOver: () => over,
    /** Ends when a piece has left this process, or nobody waits for it any more. */
    orSent: (send: (done: () => void) => void) =>
      new Promise<void>((resolve) => {
        wake = resolve;
        send(() => resolve());
        if (over) resolve();
      }),
  };
}

async function* checkedPieces(file: FileToSend): AsyncGenerator<Uint8Array, undefined> {
  const digest = sha256Stream();
  const buffers = Array.from({ length: PIECES }, () => new Uint8Array(Math.min(CHUNK_BYTES, file.sizeBytes)));
  let held: Uint8Array | null = null;
  for (let offset = 0, n = 0; offset < file.sizeBytes; n += 1) {
    const bytes = await file.from.read(offset, Math.min(CHUNK_BYTES, file.sizeBytes - offset), buffers[n % PIECES]);
    if (bytes.length === 0) break;
    if (held !== null) yield held;
    digest.update(bytes);
    held = bytes;
    offset += bytes.length;
  }
  if (digest.hex() !== file.sha256) throw alteredFile(file);
  if (held !== null) yield held;
  return undefined;
}

async function readAnswer(url: URL, response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response) {
    if (!(chunk instanceof Buffer)) continue;
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_ANSWER_BYTES) throw new Error("The answer to an upload has no end");
    chunks.push(chunk);
  }
  const data = parsed(Buffer.concat(chunks).toString("utf8"));
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return data;
  const headers = Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
  const address = `${url.origin}${url.pathname}`;
  throw new RequestError(messageOf(data), status, {
    request: { method: "POST", url: address, headers: {} },
    response: { url: address, status, headers, data },
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function messageOf(data: unknown): string {
  if (typeof data === "object" && data !== null && "message" in data && typeof data.message === "string")
    return data.message;
  return typeof data === "string" ? data : "Unknown error";
}
