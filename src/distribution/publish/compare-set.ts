import { type Reason, reason } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { ArtifactStore, Draft, StoredFile } from "../../ports/artifact-store.ts";
import type { Clock } from "../../ports/clock.ts";
import { hashStored } from "../stored-bytes.ts";
import type { Wanted } from "./wanted-files.ts";

/** Times that a difference is looked at again, because what a forge answers may lag behind. */
const MAX_LOOKS = 4;
const FIRST_WAIT_MS = 500;

/** What a store was asked to hold. */
export interface Expected {
  readonly wanted: readonly Wanted[];
  /** Name in the store by SHA-256, where it differs from the wanted one. */
  readonly names: ReadonlyMap<string, string>;
  /** Commit that the tag must name; null where nobody can say. */
  readonly target: string | null;
  /** Whether the release is published, so that its tag must be there. */
  readonly published: boolean;
}

/** What a comparison came to. */
export interface Compared {
  readonly reasons: readonly Reason[];
  /** By SHA-256. */
  readonly files: ReadonlyMap<string, StoredFile>;
  /** Nothing is wrong but that files are not there. */
  readonly lacks: boolean;
}

/**
 * Compares what the store holds with the intent: name, state, size and digest of each file, no file too many, and the commit of the
 * tag. A difference stands only when it is still there some seconds later.
 */
export async function compareSet(
  on: { readonly artifacts: ArtifactStore; readonly clock: Clock },
  draft: Draft,
  expected: Expected,
): Promise<Compared> {
  for (let look = 1; ; look += 1) {
    const compared = await compareOnce(on.artifacts, draft, expected);
    if (compared.reasons.length === 0 || look === MAX_LOOKS) return compared;
    await on.clock.sleep(FIRST_WAIT_MS * 2 ** (look - 1));
  }
}

async function compareOnce(artifacts: ArtifactStore, draft: Draft, expected: Expected): Promise<Compared> {
  const [stored, commit] = await Promise.all([draft.list(), draft.tagCommit()]);
  const files = matched(stored, expected);
  const reasons: Reason[] = [];
  const found = new Set(files.values());
  for (const { name } of stored.filter((file) => !found.has(file))) {
    const data = { name: printable(name) };
    reasons.push(reason("dist.upload.unexpected_asset", `${data.name} is in this release and not in its intent`, data));
  }
  for (const { row } of expected.wanted) {
    const difference = await fileProblem(artifacts, row, files.get(row.taken.sha256));
    if (difference !== null) reasons.push(difference);
  }
  const tag = tagProblem(draft, commit, expected);
  const missing = expected.wanted.length - files.size;
  return {
    reasons: tag === null ? reasons : [...reasons, tag],
    files,
    lacks: missing > 0 && missing === reasons.length,
  };
}

/** The stored file of each digest: by the name that the store gave it; a release that another run published may have renamed it. */
function matched(stored: readonly StoredFile[], { wanted, names }: Expected): ReadonlyMap<string, StoredFile> {
  const files = new Map<string, StoredFile>();
  for (const { name, row } of wanted) {
    const { sha256 } = row.taken;
    const known = names.get(sha256);
    const byName = stored.find((one) => one.name === (known ?? name));
    const file = byName ?? (known === undefined ? stored.find((one) => one.sha256 === sha256) : undefined);
    if (file !== undefined) files.set(sha256, file);
  }
  return files;
}

async function fileProblem(
  artifacts: ArtifactStore,
  { row, taken }: Wanted["row"],
  file: StoredFile | undefined,
): Promise<Reason | null> {
  const isWhole = file?.state === "stored" && file.sizeBytes === taken.sizeBytes;
  const found = isWhole ? await digestOf(artifacts, file, taken.sha256) : null;
  if (found === taken.sha256) return null;
  const message = `${printable(row.filename)} is stored with other bytes than were read`;
  const data = { expected: taken.sha256, found: found ?? "(not there)" };
  return reason("dist.upload.verify_failed", message, data, "Nothing is published; see dist artifact verify");
}

/** A store that does not say the digest of what it holds is read. */
async function digestOf(artifacts: ArtifactStore, file: StoredFile, sha256: string): Promise<string | null> {
  return file.sha256 ?? hashStored(artifacts, sha256, file.location, () => undefined);
}

function tagProblem({ tag }: Draft, commit: string | null, { target, published }: Expected): Reason | null {
  if (tag === null || target === null || commit === target) return null;
  // Before it is published, a release needs no tag.
  if (commit === null && !published) return null;
  const message =
    commit === null ? `The tag ${tag} is not there` : `The tag ${tag} names another commit than the one that was built`;
  const hint = "Find out who moved the tag; then publish the next version";
  return reason("dist.release.tag_mismatch", message, { tag, expected: target, found: commit ?? "(not there)" }, hint);
}
