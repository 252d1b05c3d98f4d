import { ToolError } from "../../kernel/errors.ts";
import type { GithubClient } from "./client.ts";
import { orNull } from "./or-null.ts";

/** Reads a file of the default branch; null where it is not there. Throws `forge.*`, and `state.limit.exceeded` for one that is larger. */
export async function readFile(client: GithubClient, path: string, maxBytes: number): Promise<Uint8Array | null> {
  const { owner, repo } = client.at;
  const found = await orNull(() => client.request("GET /repos/{owner}/{repo}/contents/{path}", { owner, repo, path }));
  if (found === null) return null;
  const { data } = found;
  if (Array.isArray(data) || data.type !== "file" || !("content" in data)) return null;
  if (data.size > maxBytes) {
    const message = `${path} of ${owner}/${repo} has more than ${maxBytes} bytes`;
    throw new ToolError("state.limit.exceeded", message, { data: { path, bytes: data.size } });
  }
  return Buffer.from(data.content, "base64");
}
