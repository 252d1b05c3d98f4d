import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

/** One request that a loopback server was asked, with its whole body. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** What it answers; `cut` closes the connection without a word. */
export type Answer =
  | "cut"
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };

/** A server on this machine that answers as a test says; it ends with the test. */
export async function loopback(answer: (asked: Asked, n: number) => Answer | Promise<Answer>) {
  const asked: Asked[] = [];
  const server = createServer(
    (request, response) => void reply(request, response).catch(() => request.socket.destroy()),
  );
  async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    const one = { method, url, headers, body: Buffer.concat(chunks) };
    asked.push(one);
    const said = await answer(one, asked.length);
    if (said === "cut") {
      request.socket.destroy();
      return;
    }
    const isBytes = said.body instanceof Buffer;
    response.writeHead(said.status, {
      "content-type": isBytes ? "application/octet-stream" : "application/json",
      ...said.headers,
    });
    response.end(isBytes ? said.body : said.body === undefined ? undefined : JSON.stringify(said.body));
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  const close = () => new Promise((resolve) => server.close(resolve));
  return { asked, close, origin: `http://127.0.0.1:${address.port}` };
}
