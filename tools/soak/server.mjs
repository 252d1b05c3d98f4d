// Serves a folder of bare repositories over smart HTTP on loopback, badly where it is told to.
import { spawn } from "node:child_process";
import { createServer } from "node:http";

/** Starts the server; `misfortune()` says for each request what goes wrong: null, `busy`, `refused`, `dropped` or `answer-lost`. */
export async function serve(folder, env, misfortune) {
  const server = createServer((request, response) => {
    const what = misfortune();
    if (what === "dropped") return void request.socket.destroy();
    if (what === "busy" || what === "refused") {
      request.resume();
      return void response.writeHead(what === "busy" ? 503 : 403).end();
    }
    backend(folder, env, request, response, what === "answer-lost");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function backend(folder, env, request, response, isLost) {
  const url = new URL(request.url, "http://localhost");
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      ...{ PATH: env.PATH, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
      ...{ GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: "1", REQUEST_METHOD: request.method },
      ...{ PATH_INFO: decodeURIComponent(url.pathname), QUERY_STRING: url.search.slice(1) },
      ...(request.headers["git-protocol"] ? { GIT_PROTOCOL: request.headers["git-protocol"] } : {}),
      ...(request.headers["content-type"] ? { CONTENT_TYPE: request.headers["content-type"] } : {}),
      ...(request.headers["content-encoding"] ? { HTTP_CONTENT_ENCODING: request.headers["content-encoding"] } : {}),
    },
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => {});
  const all = [];
  child.stdout.on("data", (chunk) => all.push(chunk));
  child.on("close", () => {
    if (isLost) return void response.destroy();
    answer(response, Buffer.concat(all));
  });
}

/** What a CGI program printed, as an answer. */
function answer(response, printed) {
  const end = printed.indexOf("\r\n\r\n");
  if (end < 0) return void response.writeHead(500).end();
  for (const line of printed.toString("latin1", 0, end).split("\r\n")) {
    const [name, value] = line.split(": ");
    if (name === "Status") response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.end(printed.subarray(end + 4));
}
