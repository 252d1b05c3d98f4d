import { isRefused, type Reason, reason, type Refused, refuse, ToolError } from "../../kernel/errors.ts";
import { MAX_INPUT_BYTES } from "../../kernel/input-json.ts";
import { printable } from "../../kernel/text.ts";
import type { ArtifactStore } from "../../ports/artifact-store.ts";
import type { Files } from "../../ports/files.ts";
import { type Manifest, readManifest } from "../core/manifest.ts";
import type { ManifestRow } from "../core/manifest-row.ts";

/** A manifest with the folder that its paths are relative to. */
export interface ManifestAt {
  readonly manifest: Manifest;
  /** As people call it, for errors. */
  readonly name: string;
  readonly folder: string;
}

/** Reads a manifest from the disk. Refuses with `dist.manifest.*`; throws `text.invalid_utf8`, `dist.manifest.bad_json` or `.io`. */
export async function readManifestFile(files: Files, path: string): Promise<ManifestAt | Refused> {
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  const name = printable(path.slice(cut + 1));
  const manifest = readManifest(await bytesOf(files, path, name), name);
  return isRefused(manifest) ? manifest : { manifest, name, folder: cut < 0 ? "." : path.slice(0, Math.max(cut, 1)) };
}

async function bytesOf(files: Files, path: string, name: string): Promise<Uint8Array> {
  try {
    return await files.read(path, MAX_INPUT_BYTES);
  } catch (cause) {
    if (!(cause instanceof ToolError) || !cause.code.startsWith("file.")) throw cause;
    const code = cause.code === "file.too_large" ? "dist.manifest.bad_json" : "dist.manifest.io";
    throw new ToolError(code, `The manifest ${name} cannot be read: ${cause.message}`, {
      data: { file: printable(path), cause: cause.code },
      hints: ["dist manifest init <file...>"],
      cause,
    });
  }
}

/** Path of a row's file for the disk. */
export function pathOfRow({ folder }: Pick<ManifestAt, "folder">, row: ManifestRow): string {
  return folder === "/" ? `/${row.path}` : `${folder}/${row.path}`;
}

/**
 * Holds every file of a manifest against the disk and the store, before one is read: there, regular, not empty, not too large, inside
 * the manifest's folder, reached through no link. Answers sizes in bytes, by order of the rows.
 */
export async function checkFiles(
  files: Files,
  store: Pick<ArtifactStore, "maxFileBytes" | "maxFiles">,
  at: ManifestAt,
): Promise<readonly number[] | Refused> {
  const reasons: Reason[] = [];
  const sizes: number[] = [];
  if (at.manifest.rows.length > store.maxFiles) {
    const message = `A release of this store has at most ${store.maxFiles} files`;
    return refuse(reason("dist.manifest.wrong_type", message, { at: `${at.name}#/artifacts`, pointer: "/artifacts" }));
  }
  const root = await files.real(at.folder);
  for (const row of at.manifest.rows) {
    const found = await checkFile(files, store, { ...at, root }, row);
    if (typeof found === "number") sizes.push(found);
    else reasons.push(found);
  }
  const [first, ...more] = reasons;
  return first === undefined ? sizes : refuse(first, ...more);
}

/** Checks one file of a manifest; answers its size. */
export async function checkFile(
  files: Files,
  store: Pick<ArtifactStore, "maxFileBytes">,
  at: Pick<ManifestAt, "folder" | "name"> & { readonly root: string },
  row: ManifestRow,
): Promise<number | Reason> {
  const problem = (code: Reason["code"], message: string, ...hints: readonly string[]) =>
    reason(
      code,
      `${printable(row.path)} ${message}`,
      {
        at: `${at.name}#${row.pointer}/path`,
        file: at.name,
        pointer: `${row.pointer}/path`,
        value: printable(row.path),
      },
      ...hints,
    );
  const names = row.path.split("/").filter((name) => name !== ".");
  for (const [i] of names.entries()) {
    const path = pathOfRow(at, { ...row, path: names.slice(0, i + 1).join("/") });
    const stat = await files.stat(path);
    if (stat === null)
      return problem("dist.manifest.missing_artifact", "is not there", "Build it first, or correct the path");
    if (stat.kind === "link")
      return problem("dist.manifest.path_escape", "leads through a link", "Copy the file beside the manifest");
    if (i < names.length - 1) continue;
    if (stat.kind !== "file") return problem("dist.manifest.io", "is no regular file", "Name the file itself");
    if (stat.sizeBytes === 0)
      return problem("dist.manifest.io", "is empty", "Build it again; a file has at least one byte");
    if (stat.sizeBytes > store.maxFileBytes)
      return problem(
        "file.too_large",
        `has ${stat.sizeBytes} bytes; a file has at most ${store.maxFileBytes}`,
        "Split it or make it smaller",
      );
    const parent = await files.real(pathOfRow(at, { ...row, path: names.slice(0, -1).join("/") || "." }));
    if (parent !== at.root && !parent.startsWith(at.root === "/" ? "/" : `${at.root}/`))
      return problem(
        "dist.manifest.path_escape",
        "leaves the folder of the manifest",
        "Copy the file beside the manifest",
      );
    return stat.sizeBytes;
  }
  return problem("dist.manifest.path_escape", "names no file", "Name a file below the manifest's folder");
}
