import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { StateBundleV1 } from "../../schema/types.gen.ts";

/** What is in a bundle, as `state-bundle.v1`. */
export const MANIFEST = "waybill-bundle.json";
/** Git bundle of the branches. */
export const HISTORY = "history.bundle";
/** For people. */
export const READ_ME = "README.txt";

/** Where stored bytes lie in a bundle: as in a folder of stored artifacts. */
export function artifactPath(sha256: string): string {
  return `artifacts/${sha256.slice(0, 2)}/${sha256}`;
}

/** Names of every file that a bundle has by its manifest. Throws `state.bundle.invalid` where the manifest names others. */
export function namesOf({ history, artifacts }: StateBundleV1): readonly string[] {
  const misplaced = artifacts.find(({ path, sha256 }) => path !== artifactPath(sha256));
  if (history.path !== HISTORY || misplaced !== undefined)
    throw invalidBundle(`it puts ${printable(misplaced?.path ?? history.path)} where nothing of a bundle lies`);
  const names = [READ_ME, MANIFEST, HISTORY, ...artifacts.map(({ path }) => path)];
  if (new Set(names).size !== names.length) throw invalidBundle("it names a file twice");
  return names;
}

/** The bundle is damaged, or was made by something else. */
export function invalidBundle(why: string, cause?: ToolError): ToolError {
  return new ToolError("state.bundle.invalid", `This is no whole hand-over bundle: ${why}`, {
    ...(cause && { data: { code: cause.code, ...cause.data }, cause }),
    hints: ["Ask for the bundle again; nothing was imported"],
  });
}
