import { typeOfMode } from "../tree-object.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { found, json, refusal } from "./answers.ts";
import { param } from "./body.ts";
import { repoPage, repoUrl } from "./show-repository.ts";

/** Files and folders of a commit. */
export const contents: Routes = {
  "repos/get-content": get,
};

/** Files above this come without their text, and above a hundred times this not at all. */
const MAX_INLINE_BYTES = 1024 * 1024;
const MAX_BYTES = 100 * MAX_INLINE_BYTES;

/** A file, folder or submodule of a commit. */
interface Place {
  readonly path: string;
  readonly oid: string;
  readonly type: "blob" | "commit" | "tree";
  readonly sizeBytes: number;
}

async function get(call: Call): Promise<Reply> {
  const ref = call.query.get("ref") ?? call.repo.defaultBranch;
  const commit = (await call.repo.commitOf(`refs/heads/${ref}`)) ?? (await call.repo.commitOf(ref));
  if (commit === null) throw refusal(404, `No commit found for the ref ${ref}`);
  const path = param(call, "path").replaceAll(/^\/+|\/+$/g, "");
  const object = found(await call.repo.object(path === "" ? `${commit}^{tree}` : `${commit}:${path}`));
  if (object.type === "tree") return json(await showFolder(call, ref, path, object.oid));
  const sizeBytes = object.bytes.length;
  if (sizeBytes > MAX_BYTES) throw refusal(403, "This API returns blobs up to 100 MB in size.");
  if ((call.headers["accept"] ?? "").includes("raw"))
    return {
      status: 200,
      body: object.bytes,
      headers: { "content-type": "application/vnd.github.raw+json; charset=utf-8" },
    };
  const isInline = sizeBytes <= MAX_INLINE_BYTES;
  return json({
    ...showPlace(call, ref, { path, oid: object.oid, type: "blob", sizeBytes }),
    content: isInline ? object.bytes.toString("base64").replaceAll(/.{60}/g, "$&\n") : "",
    encoding: isInline ? "base64" : "none",
  });
}

async function showFolder(call: Call, ref: string, path: string, oid: string): Promise<unknown> {
  const entries = await call.repo.tree(oid);
  const rows = await Promise.all(
    entries.map(async (entry) => {
      const type = typeOfMode(entry.mode);
      const sizeBytes = type === "blob" ? ((await call.repo.object(entry.oid))?.bytes.length ?? 0) : 0;
      return showPlace(call, ref, {
        path: path === "" ? entry.name : `${path}/${entry.name}`,
        oid: entry.oid,
        type,
        sizeBytes,
      });
    }),
  );
  if (!(call.headers["accept"] ?? "").includes("vnd.github.object")) return rows;
  return { ...showPlace(call, ref, { path, oid, type: "tree", sizeBytes: 0 }), entries: rows };
}

/** A file or folder as GitHub names it. */
export function showPlace(call: Call, ref: string, place: Place): Readonly<Record<string, unknown>> {
  const { repo, world } = call;
  const path = place.path.split("/").map(encodeURIComponent).join("/");
  const self = `${repoUrl(repo, world)}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const isFile = place.type === "blob";
  const git = `${repoUrl(repo, world)}/git/${isFile ? "blobs" : "trees"}/${place.oid}`;
  const html = `${repoPage(repo, world)}/${isFile ? "blob" : "tree"}/${ref}/${path}`;
  return {
    name: place.path.split("/").at(-1) ?? "",
    path: place.path,
    sha: place.oid,
    size: place.sizeBytes,
    url: self,
    html_url: html,
    git_url: git,
    download_url: isFile ? `${repoPage(repo, world)}/raw/${ref}/${path}` : null,
    type: isFile ? "file" : place.type === "tree" ? "dir" : "submodule",
    _links: { self, git, html },
  };
}
