import { ToolError } from "../../kernel/errors.ts";
import { printable } from "../../kernel/text.ts";
import type { Draft, DraftWish, Publication, StoredFile, Upload } from "../../ports/artifact-store.ts";
import type { Task } from "../../ports/log.ts";
import { statusOf } from "./client.ts";
import { forgeError } from "./forge-error.ts";
import type { DraftGround, OpenedDraft } from "./own-draft.ts";
import { isNameTaken, releaseProblem } from "./release-problem.ts";
import { storedFile, uploadedAsset } from "./release-rows.ts";
import { isUnknown, lookFor, untilKnown } from "./until-known.ts";

/** Times that one file is sent at most. */
const MAX_UPLOADS = 4;
const FIRST_WAIT_MS = 500;
/** A longer name for people is nobody's to read. */
const MAX_LABEL_LENGTH = 255;
/** How often and how long to wait for GitHub to lock a release. Source: branch-deploy's release workflow. */
const LOCK_LOOKS = 6;
const LOCK_WAIT_MS = 5000;

/** What a draft needs besides what opening it needed. */
export interface ReleaseGround extends DraftGround {
  /** Whether the repository locks what is published; null where the token may not know. */
  readonly locks: () => Promise<boolean | null>;
}

/** The write side of one release on GitHub. What it knows of its files it knows from the last list and its own uploads. */
export function forgeDraft(on: ReleaseGround, { release, state }: OpenedDraft, wish: DraftWish): Draft {
  const ref = String(release.id);
  let known: Map<string, StoredFile> | null = state === "new" ? new Map() : null;
  const list = async () => {
    const files = (await on.api.assets(ref)).map((asset) => storedFile(asset, wish.id));
    known = new Map(files.map((file) => [file.name, file]));
    return files;
  };
  const holding: Holding = {
    releaseId: wish.id,
    uploadUrl: release.upload_url.replace(/\{.*$/, ""),
    find: async (file) => {
      if (known === null) await list();
      return known?.get(file.name) ?? [...(known?.values() ?? [])].find((one) => isSame(one, file));
    },
    refresh: async () => void (await list()),
    remember: (file) => known?.set(file.name, file),
    drop: (file) => dropIncomplete(on, file),
  };
  return {
    ref,
    tag: wish.tag,
    state,
    list,
    put: (file, task) => put(on, holding, file, task),
    dropIncomplete: async (file) => {
      await holding.drop(file);
      known?.delete(file.name);
    },
    tagCommit: () => on.api.tagCommit(wish.tag),
    publish: () => publish(on, ref, wish),
  };
}

/** The files of one draft. */
interface Holding {
  readonly releaseId: string;
  readonly uploadUrl: string;
  /** By name, or by digest where GitHub gave it another name. */
  find(file: Upload): Promise<StoredFile | undefined>;
  refresh(): Promise<void>;
  remember(file: StoredFile): void;
  drop(file: StoredFile): Promise<void>;
}

function isSame(stored: StoredFile, { sha256, sizeBytes }: Upload): boolean {
  return stored.state === "stored" && stored.sha256 === sha256 && stored.sizeBytes === sizeBytes;
}

/** Uploads until the file is there once, whole: after a lost answer the list says what became of it. */
async function put(on: ReleaseGround, holding: Holding, file: Upload, task: Task): Promise<StoredFile> {
  for (let tries = 1; ; tries += 1) {
    const there = await holding.find(file);
    if (there?.state === "stored") return kept(there, file, task);
    if (there !== undefined) await holding.drop(there);
    try {
      const stored = await send(on, holding, file, task);
      holding.remember(stored);
      return stored;
    } catch (cause) {
      const isAltered = cause instanceof ToolError && cause.code === "dist.upload.verify_failed";
      if (isAltered) await dropLeftover(holding, file);
      if (isAltered || !(isUnknown(cause) || isNameTaken(cause)) || tries === MAX_UPLOADS)
        throw releaseProblem(cause, printable(file.name));
      await on.clock.sleep(FIRST_WAIT_MS * 2 ** (tries - 1));
      await holding.refresh();
    }
  }
}

async function send({ api }: ReleaseGround, holding: Holding, file: Upload, task: Task): Promise<StoredFile> {
  const query = new URLSearchParams({ name: file.name, label: file.label.slice(0, MAX_LABEL_LENGTH) });
  const answer = await api.client.upload(`${holding.uploadUrl}?${query}`, {
    ...file,
    onBytes: (done) => task.step(done),
  });
  const stored = storedFile(uploadedAsset(answer), holding.releaseId);
  if (stored.state === "stored") return stored;
  throw forgeError("forge.unavailable", `GitHub took ${printable(file.name)} and did not finish it`);
}

function kept(there: StoredFile, file: Upload, task: Task): StoredFile {
  if (!isSame(there, file) && there.sha256 !== null) {
    const data = { name: printable(file.name), expected: file.sha256, found: there.sha256 };
    throw new ToolError("dist.upload.name_taken", `${data.name} is taken by other bytes in this release`, {
      data,
      hints: ["dist release abandon gives the draft up; then publish again"],
    });
  }
  task.step(file.sizeBytes);
  return there;
}

/** What is left of an upload that was cut off by us; where that fails, the next run removes it. */
async function dropLeftover(holding: Holding, file: Upload): Promise<void> {
  await holding.refresh();
  const there = await holding.find(file);
  if (there?.state === "incomplete") await holding.drop(there);
}

/** Looks again just before: it may have been finished meanwhile, and what is finished is never removed. */
async function dropIncomplete(on: ReleaseGround, { state, location }: StoredFile): Promise<void> {
  const id = location.asset_id;
  if (state !== "incomplete" || id === null) return;
  const now = await on.api.asset(id);
  if (now === null || now.state === "uploaded") return;
  const isGone = async () => ((await on.api.asset(id)) === null ? true : null);
  await untilKnown(on.clock, () => on.api.removeAsset(id).then(() => true), isGone);
}

async function publish(on: ReleaseGround, ref: string, wish: DraftWish): Promise<Publication> {
  const isPublished = async () => {
    const now = await on.api.find(ref);
    return now?.draft === false ? now : null;
  };
  try {
    const locks = await on.locks();
    let release = await untilKnown(on.clock, () => on.api.publish(ref, wish), isPublished).catch(
      // Another run of the same publish may make the tag at the same moment: then this very release is published.
      async (cause: unknown) => (isNameTaken(cause) && (await lookFor(on.clock, isPublished))) || fail(cause),
    );
    const looks = locks === true ? LOCK_LOOKS : 0;
    for (let look = 0; release.immutable !== true && look < looks; look += 1) {
      await on.clock.sleep(LOCK_WAIT_MS);
      release = (await on.api.find(ref)) ?? release;
    }
    const isLocked = release.immutable === true;
    return { tag: release.tag_name, url: release.html_url, immutable: locks === true || isLocked ? isLocked : null };
  } catch (cause) {
    throw statusOf(cause) === 403 ? mayNotTag(cause, wish.tag) : releaseProblem(cause, wish.tag);
  }
}

function fail(cause: unknown): never {
  throw cause;
}

/** Making a tag at a commit whose workflows differ takes a permission that the token of a workflow cannot have. */
function mayNotTag(cause: unknown, tag: string): unknown {
  if (!(cause instanceof ToolError) || cause.code !== "forge.forbidden") return cause;
  return new ToolError(cause.code, `The token may not publish ${tag}: ${cause.message}`, {
    data: cause.data,
    hints: [
      `Where the commit changes workflows: push the tag ${tag} yourself, then run the same command`,
      ...cause.hints,
    ],
    cause,
  });
}
