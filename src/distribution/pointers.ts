import { type Reason, reason, type Refused, refuse } from "../kernel/errors.ts";
import { sha256Hex } from "../kernel/digest.ts";
import type { Decision, Decisions } from "../gate/core/decisions.ts";
import { isAsStrict } from "../gate/core/policy.ts";
import { type ChannelSettings, resolveChannel } from "../gate/core/requirement.ts";
import type { ChannelPointerV1, ReleaseTombstoneV1, ReleaseV1, YankV1 } from "../schema/types.gen.ts";
import { pathOf } from "../state/document-kind.ts";
import { isNoDocument } from "../state/no-document.ts";
import type { View } from "../state/view.ts";
import { releaseKey, versionText } from "./core/release-path.ts";
import { GATED_PATH, YANK_PATH } from "./channel-documents.ts";
import { tombstoneKey } from "./documents.ts";
import { neededBy } from "./needed.ts";
import { NO_PROOF, type ShownProof, shownProof } from "../state/proof-columns.ts";

/** A channel as it stands: its rule, and the pointer in force. */
export interface ChannelNow {
  readonly app: string;
  readonly name: string;
  readonly settings: ChannelSettings;
  readonly pointer: ChannelPointerV1 | null;
  /** Since when the pointer is in force: time of the merge, or of the move. */
  readonly since: string | null;
  readonly proof: ShownProof;
}

/** Resolves a channel's own pointer: from facts where policy says `auto`, from decisions in force where it says `gated`. */
export async function channelNow(facts: View, decisions: Decisions, app: string, name: string): Promise<ChannelNow> {
  const settings = resolveChannel(decisions.policy.document, app, name);
  const base = { app, name, settings };
  if (settings.mode === "auto") {
    const pointer = (await facts.find("channel-pointer.v1", { app, channel: name })) ?? null;
    return { ...base, pointer, since: pointer?.requested_at ?? null, proof: NO_PROOF };
  }
  const decision = gatedPointer(decisions, app, name);
  return {
    ...base,
    pointer: decision?.document ?? null,
    since: decision?.mergedAt ?? null,
    proof: shownProof(decision),
  };
}

/** The pointer of a gated channel that is in force. */
export function gatedPointer(decisions: Decisions, app: string, name: string): Decision<ChannelPointerV1> | undefined {
  const found = decisions.find(pathOf({ path: GATED_PATH }, { app, channel: name }));
  return found !== undefined && isPointer(found) ? found : undefined;
}

/** Pointers of a gated channel that were in force, newest first. */
export function gatedHistory(decisions: Decisions, app: string, name: string): readonly Decision<ChannelPointerV1>[] {
  const path = pathOf({ path: GATED_PATH }, { app, channel: name });
  return decisions.history(path).filter(isPointer);
}

/** Of a remembered decision only the document is read: the rest of its line costs as much again. */
function isPointer(decision: Decision): decision is Decision<ChannelPointerV1> {
  const { document } = decision;
  return "schema" in document && document.schema === "channel-pointer.v1";
}

/** The yank of a release that is in force. */
export function yankOf(decisions: Decisions, releaseId: string): Decision<YankV1> | undefined {
  const found = decisions.find(pathOf({ path: YANK_PATH }, { release: releaseId }));
  return found !== undefined && isYank(found) ? found : undefined;
}

function isYank(decision: Decision): decision is Decision<YankV1> {
  const { document } = decision;
  return "schema" in document && document.schema === "yank.v1";
}

/**
 * What a channel gives to its readers: the newer of its own pointer and of the one that it inherits. A gated channel inherits only
 * from a gated one whose rule is at least as strict.
 */
export async function emittedChannel(
  facts: View,
  decisions: Decisions,
  app: string,
  name: string,
): Promise<ChannelNow> {
  const own = await channelNow(facts, decisions, app, name);
  const source = own.settings.inherits;
  if (source === null || source === name) return own;
  const inherited = await channelNow(facts, decisions, app, source);
  if (own.settings.mode === "gated" && !isAsStrict(inherited.settings, own.settings)) return own;
  if (inherited.pointer === null || inherited.since === null) return own;
  return own.since === null || inherited.since > own.since ? { ...inherited, name } : own;
}

/** A release with the digest of its document. */
export interface KnownRelease {
  readonly release: ReleaseV1;
  readonly digest: string;
}

/** Reads the release that a pointer names; one with another digest than was approved is refused. */
export async function readPointed(
  facts: View,
  pointer: Pick<ChannelPointerV1, "app" | "channel" | "version" | "build" | "release_id" | "release_digest">,
): Promise<KnownRelease | Refused> {
  const known = await releaseAt(facts, pointer.app, pointer.version, pointer.build);
  if (known !== undefined && known.release.id === pointer.release_id && known.digest === pointer.release_digest)
    return known;
  const name = `${pointer.app} ${versionText(pointer)}`;
  const data = { release_id: pointer.release_id, expected: pointer.release_digest, found: known?.digest ?? "nothing" };
  const message = `The document of ${name} is not the one that ${pointer.channel} was pointed at`;
  return refuse(reason("release.digest_mismatch", message, data, "waybill state verify"));
}

/** Reads the release of a version and build. */
export async function releaseAt(
  facts: View,
  app: string,
  version: string,
  build: string | null,
): Promise<KnownRelease | undefined> {
  const key = releaseKey(app, version, build);
  const release = await facts.find("release.v1", key);
  const bytes = release === undefined ? undefined : await facts.bytes("release.v1", key);
  return release === undefined || bytes === undefined ? undefined : { release, digest: sha256Hex(bytes) };
}

/** The tombstone of a release; one of another version with its id, and what is no document, is none of it. */
async function retirementOf(facts: View, release: ReleaseV1): Promise<ReleaseTombstoneV1 | undefined> {
  try {
    const found = await facts.find("release-tombstone.v1", tombstoneKey(release.app_id, release.id));
    return found?.version === release.version && found.build === release.build ? found : undefined;
  } catch (cause) {
    if (isNoDocument(cause)) return undefined;
    throw cause;
  }
}

/** Says why a release may not be pointed at or downloaded: not published, retired, or yanked; null where it may. */
export async function unusable(facts: View, decisions: Decisions, release: ReleaseV1): Promise<Reason | null> {
  const name = `${release.app_id} ${versionText(release)}`;
  const data = { release_id: release.id };
  if (release.status !== "published" || release.published_at === null) {
    const hint =
      release.status === "draft" ? "Finish its publish: run dist ci publish again" : "Publish the next version";
    return reason(
      "release.not_published",
      `${name} is ${release.status === "draft" ? "a draft" : release.status}`,
      data,
      hint,
    );
  }
  const retired = await retirementOf(facts, release);
  if (retired !== undefined && !neededBy(decisions).has(release.id))
    return reason(
      "release.retired",
      `The files of ${name} were removed ${retired.retired_at}`,
      data,
      "Choose a newer release",
    );
  const yank = yankOf(decisions, release.id)?.document;
  if (yank === undefined) return null;
  const hint =
    yank.replacement === null ? `dist release list --app ${release.app_id}` : `Use ${yank.replacement} instead`;
  return reason(
    "release.yanked",
    `${name} is withdrawn: ${yank.reason}`,
    { ...data, replacement: yank.replacement },
    hint,
  );
}
