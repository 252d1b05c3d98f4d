import { forgeError } from "./forge-error.ts";
import { expectOrigin } from "./hosts.ts";

const MAX_HOPS = 5;
/** More than 64 blobs of 500 KB, each character escaped, come to. */
const MAX_ANSWER_BYTES = 1 << 28;
const REDIRECTS = new Set([301, 302, 307, 308]);
/** Answers without a body. */
const EMPTY = new Set([204, 205, 304]);

/**
 * Makes the `fetch` of octokit, which believes whatever it gets. A redirect is followed within the origin only, so that neither token nor
 * body goes elsewhere and no other host answers. JSON counts only where it came whole: octokit takes an answer that was cut off for an
 * empty text, and a list of nothing would read as "nobody objects".
 */
export function guardedFetch(origin: string): typeof fetch {
  return async (input, init) => {
    const answer = await followed(new URL(input instanceof Request ? input.url : input), origin, init);
    const isJson = new Headers(init?.headers).get("accept")?.endsWith("json") === true;
    return isJson && init?.method !== "HEAD" && !EMPTY.has(answer.status) ? whole(answer) : answer;
  };
}

async function followed(first: URL, origin: string, init: RequestInit | undefined): Promise<Response> {
  let url = first;
  for (let hop = 0; hop <= MAX_HOPS; hop += 1) {
    const answer = await fetch(url, { ...init, redirect: "manual" });
    const next = answer.headers.get("location");
    if (init?.redirect === "manual" || next === null || !REDIRECTS.has(answer.status)) return answer;
    await answer.body?.cancel();
    url = new URL(next, url);
    expectOrigin(url, origin);
  }
  throw new Error("it leads from one address to the next");
}

/** The same answer, read to its end. What is no JSON, where it should be, is no answer; failures may say what they like. */
async function whole(answer: Response): Promise<Response> {
  const text = await textOf(answer);
  if (answer.ok) expectJson(text);
  const { status, statusText, headers, url } = answer;
  // octokit looks into it when it goes through the pages of a list.
  return Object.defineProperty(new Response(text, { status, statusText, headers }), "url", { value: url });
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_ANSWER_BYTES)
      throw forgeError("forge.refused", `An answer of the forge is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function expectJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new Error("the answer is not whole", { cause });
  }
}
