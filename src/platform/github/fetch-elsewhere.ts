import { RequestError } from "octokit";
import { safeUrl } from "./hosts.ts";

const MAX_HOPS = 5;

/** Follows an address that a forge answered with, without any token; each hop must be safe to ask. Null where nothing is there. */
export async function fetchElsewhere(text: string, insecure: boolean): Promise<AsyncIterable<Uint8Array> | null> {
  let url = safeUrl(text, insecure);
  for (let hop = 0; hop < MAX_HOPS; hop += 1) {
    const answer = await fetch(url, { redirect: "manual" });
    const next = answer.headers.get("location");
    if (answer.status >= 300 && answer.status < 400 && next !== null) {
      await answer.body?.cancel();
      url = safeUrl(new URL(next, url).href, insecure);
      continue;
    }
    if (answer.ok) return answer.body;
    await answer.body?.cancel();
    if (answer.status === 404 || answer.status === 410) return null;
    throw failed(`HTTP ${answer.status}`, answer.status, url);
  }
  throw failed("it leads from one address to the next", 508, url);
}

/** The query of such an address may hold a signature that lets anyone read; it is nobody's business. */
function failed(message: string, status: number, { origin, pathname }: URL): RequestError {
  const url = `${origin}${pathname}`;
  const request = { method: "GET", url, headers: {} } as const;
  return new RequestError(message, status, {
    request,
    response: { url, status, headers: {}, data: "" },
  });
}
