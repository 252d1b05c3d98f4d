// Serves bare repositories of any folder over smart HTTP on loopback, by `git http-backend`, and counts what it is asked and answers.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { dirname } from "node:path";
import { cleanEnv, git } from "./repository.mjs";

/** Starts a server; `address` of a repository, `counted` since the last time it was read. */
export async function countingServer() {
  let counts = { requests: 0, bytes: 0 };
  const server = createServer((request, response) => {
    counts.requests += 1;
    answer(request, response, (bytes) => {
      counts.bytes += bytes;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address(path) {
      for (const name of ["http.receivepack", "uploadpack.allowFilter"]) git(path, "config", name, "true");
      return `http://127.0.0.1:${server.address().port}${path}`;
    },
    counted() {
      const before = counts;
      counts = { requests: 0, bytes: 0 };
      return before;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(request, response, count) {
  const [path, query = ""] = request.url.split("?");
  const repository = decodeURIComponent(path).replace(/\.git\/.*$/, ".git");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...cleanEnv,
      ...{ GIT_PROJECT_ROOT: dirname(repository), GIT_HTTP_EXPORT_ALL: "1" },
      ...{ PATH_INFO: decodeURIComponent(path).slice(dirname(repository).length), QUERY_STRING: query },
      ...{ GIT_PROTOCOL: request.headers["git-protocol"] ?? "", REQUEST_METHOD: request.method },
      ...{ CONTENT_TYPE: request.headers["content-type"] ?? "" },
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    },
  });
  child.stdin.on("error", () => {});
  request.pipe(child.stdin);
  let head = Buffer.alloc(0);
  child.stdout.on("data", (chunk) => {
    const rest = response.headersSent ? chunk : headOf(chunk);
    if (rest === null) return;
    count(rest.length);
    response.write(rest);
  });
  child.on("close", () => response.end());

  function headOf(chunk) {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return null;
    for (const line of head.toString("latin1", 0, end).split("\r\n")) {
      const [name, value = ""] = line.split(": ");
      if (name === "Status") response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.flushHeaders();
    return head.subarray(end + 4);
  }
}
