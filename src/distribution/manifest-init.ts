import { isRefused, type Refused, reason, refuse, ToolError } from "../kernel/errors.ts";
import { printable } from "../kernel/text.ts";
import type { Files } from "../ports/files.ts";
import type { DistManifestInitResultV1 } from "../schema/types.gen.ts";
import { firstManifest, type ManifestFile, type ManifestWish } from "./core/first-manifest.ts";
import { factsOf } from "./core/artifact-facts.ts";
import { readManifest } from "./core/manifest.ts";
import { type InspectGround, readFiles } from "./inspect-files.ts";

/** Largest file that is compared with the new manifest before it is replaced. */
const MAX_MANIFEST_BYTES = 1_048_576;

/** What `dist manifest init` was asked for. */
export interface ManifestInit extends ManifestWish {
  readonly files: readonly string[];
  /** Where to write the manifest. */
  readonly out: string;
  readonly force: boolean;
  readonly planned: boolean;
}

/**
 * Writes a first `dist.json` for files that lie beside it or below. The same files give the same bytes, and a manifest that has
 * them already stays untouched. Refuses with `file.exists`, `dist.manifest.*`, `usage.missing_argument`; throws `file.*`.
 */
export async function initManifest(
  on: InspectGround & { readonly files: Files },
  wish: ManifestInit,
): Promise<DistManifestInitResultV1 | Refused> {
  const folder = await on.files.real(folderOf(wish.out));
  const paths = await Promise.all(
    [...new Set(wish.files)].map((file) => relativePath(on.files, folder, file, wish.out)),
  );
  const first = paths.find((path) => isRefused(path));
  if (first !== undefined && isRefused(first)) return first;
  const read = await readFiles(on, [...new Set(wish.files)]);
  const found = read.map(({ inspection }, i): ManifestFile => {
    const path = paths[i];
    return { path: typeof path === "string" ? path : "", kind: inspection.kind, facts: factsOf(inspection.facts) };
  });
  const made = firstManifest(found, wish);
  if (isRefused(made)) return made;
  const bytes = new TextEncoder().encode(`${JSON.stringify(made.manifest, null, 2)}\n`);
  // What is written here must be what publish takes.
  const problem = readManifest(bytes, wish.out);
  if (isRefused(problem)) return problem;
  const refused = await write(on.files, wish, bytes);
  if (refused !== null) return refused;
  return { schema: "dist-manifest-init-result.v1", planned: wish.planned, path: wish.out, ...made };
}

async function write(files: Files, wish: ManifestInit, bytes: Uint8Array): Promise<Refused | null> {
  const there = await files.stat(wish.out);
  if (there !== null) {
    if (there.kind === "file" && (await isSame(files, wish.out, bytes))) return null;
    if (!wish.force) return exists(wish.out);
  }
  if (wish.planned) return null;
  await files.write(wish.out, bytes, { exclusive: !wish.force });
  return null;
}

async function isSame(files: Files, path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    return Buffer.compare(await files.read(path, MAX_MANIFEST_BYTES), bytes) === 0;
  } catch (cause) {
    if (cause instanceof ToolError && cause.code === "file.too_large") return false;
    throw cause;
  }
}

function exists(path: string): Refused {
  const data = { path: printable(path) };
  return refuse(
    reason("file.exists", `${data.path} is there already and says something else`, data, "Add --force to replace it"),
  );
}

/** A file's path as the manifest says it, links in folders followed. */
async function relativePath(files: Files, folder: string, file: string, out: string): Promise<string | Refused> {
  const real = await files.real(folderOf(file));
  const path = `${real === "/" ? "" : real}/${file.split("/").at(-1) ?? ""}`;
  const base = folder === "/" ? "/" : `${folder}/`;
  if (path.startsWith(base)) return path.slice(base.length);
  const data = { file: printable(file), manifest: printable(out) };
  const message = `${data.file} does not lie beside ${data.manifest} or below`;
  return refuse(reason("dist.manifest.path_escape", message, data, "Name a folder above all files with --out"));
}

function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "." : end === 0 ? "/" : path.slice(0, end);
}
