import type { Oid } from "../../../kernel/oid.ts";
import { corrupt, objectId } from "../../git/objects.ts";
import type { Asker } from "./asker.ts";
import { storeFailure } from "./failures.ts";

/** Downloads a blob that GraphQL does not tell whole: a large one, or one that is no text. Its size is known and was accepted. */
export async function downloadBlob({ client, location }: Asker, oid: Oid, sizeBytes: number): Promise<Uint8Array> {
  const { owner, repo } = client.at;
  let body: unknown;
  try {
    const answer = await client.request("GET /repos/{owner}/{repo}/git/blobs/{file_sha}", {
      owner,
      repo,
      file_sha: oid,
      mediaType: { format: "raw" },
      // GitHub calls these bytes text, and so would the library.
      request: { parseSuccessResponseBody: false },
    });
    body = answer.data;
  } catch (cause) {
    throw storeFailure(cause, location, `Reading the blob ${oid}`);
  }
  const content = await collect(body as AsyncIterable<Uint8Array>, sizeBytes);
  if (content === null || objectId("sha1", "blob", content) !== oid)
    throw corrupt(`Object ${oid}`, "its content has another id");
  return content;
}

/** The bytes of a body, null where there are more than were said. */
async function collect(body: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > sizeBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
