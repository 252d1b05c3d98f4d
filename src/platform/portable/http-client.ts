import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import type { GitHttpRequest, GitHttpResponse, HttpClient } from "isomorphic-git";

/** How long a server may say nothing. */
const SILENCE_MS = 30_000;

/** Speaks HTTP for a git client: follows no redirect, so that what says who asks goes to nobody else, and does not wait for ever. */
export const gitHttp: HttpClient = {
  async request({ url, method = "GET", headers = {}, body }: GitHttpRequest): Promise<GitHttpResponse> {
    const content: Uint8Array[] = [];
    for await (const chunk of body ?? []) content.push(chunk);
    const answer = await ask(url, method, headers, Buffer.concat(content));
    return {
      url,
      method,
      statusCode: answer.statusCode ?? 0,
      statusMessage: answer.statusMessage ?? "",
      headers: Object.fromEntries(
        Object.entries(answer.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.join(", ") : (value ?? ""),
        ]),
      ),
      body: chunksOf(answer),
    };
  },
};

function ask(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  content: Uint8Array,
): Promise<IncomingMessage> {
  const request = new URL(url).protocol === "https:" ? requestHttps : requestHttp;
  const length = method === "GET" ? {} : { "content-length": String(content.length) };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: { "user-agent": "git/waybill", ...headers, ...length } }, resolve);
    asked.setTimeout(SILENCE_MS, () => asked.destroy(new Error(`the server said nothing for ${SILENCE_MS / 1000} s`)));
    asked.on("error", reject);
    asked.end(content);
  });
}

async function* chunksOf(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const chunk of answer as AsyncIterable<Uint8Array>) yield chunk;
}
