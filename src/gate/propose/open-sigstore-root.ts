import { reason, type Refused, refuse } from "../../kernel/errors.ts";
import { parseInputJson } from "../../kernel/input-json.ts";
import { type Data, isData } from "../../kernel/json.ts";
import { byCodePoint, decodeUtf8 } from "../../kernel/text.ts";
import type { GateOpenResultV1, TrustedRoot } from "../../schema/types.gen.ts";
import { withoutHeader } from "../core/policy-edit.ts";
import { opened, type OpenRun } from "./open.ts";
import { leavesOf } from "../page/leaves.ts";
import { sigstoreRootKind, unusable } from "../kinds/sigstore-root.ts";

/** A file that a person named. */
export interface NamedFile {
  readonly what: string;
  readonly bytes: Uint8Array;
}

/**
 * Opens a proposal that changes the trusted Sigstore roots. Takes a `trusted_root.json`, several as JSON lines (what `gh attestation
 * trusted-root` prints), or a whole document. Throws `schema.invalid` where it is none of them.
 */
export async function openSigstoreRoot(run: OpenRun, file: NamedFile): Promise<GateOpenResultV1 | Refused> {
  const body = bodyOf(file);
  return opened(run, {
    kind: sigstoreRootKind,
    key: {},
    draft: async (header, _, decisions) => {
      const made = { ...body, ...header, schema: "sigstore-root.v1", seen: {} };
      const document = run.ground.schemas.check("sigstore-root.v1", made, file.what);
      const [problem, ...more] = await unusable(document.trusted_roots);
      if (problem !== undefined) return { refused: [problem, ...more] };
      const inForce = decisions.find(sigstoreRootKind.path)?.document;
      const isSame =
        inForce !== undefined &&
        "trusted_roots" in inForce &&
        print(inForce.trusted_roots) === print(document.trusted_roots);
      return isSame ? unchanged() : document;
    },
  });
}

function bodyOf(file: NamedFile): Data {
  const roots = rootsIn(file);
  const [only, ...others] = roots;
  if (others.length === 0 && isData(only) && Object.hasOwn(only, "trusted_roots")) return withoutHeader(only);
  return { trusted_roots: roots };
}

/** JSON lines are told from one JSON text by each line being an object for itself. */
function rootsIn({ what, bytes }: NamedFile) {
  const parse = (part: Uint8Array) => parseInputJson(part, { what, code: "schema.invalid" }).value;
  const lines = decodeUtf8(bytes, what)
    .split("\n")
    .filter((line) => line.trim() !== "");
  const isLines = lines.length > 1 && lines.every((line) => /^\s*\{.*\}\s*$/.test(line));
  return isLines ? lines.map((line) => parse(Buffer.from(line))) : [parse(bytes)];
}

/** Text that is the same for the same roots, however their members are ordered. */
function print(roots: readonly TrustedRoot[]): string {
  return leavesOf(roots)
    .map(({ path, value }) => `${path} ${value}`)
    .toSorted(byCodePoint)
    .join("\n");
}

function unchanged(): Refused {
  return refuse(reason("usage.invalid_argument", "These are the roots in force; there is nothing to propose"));
}
