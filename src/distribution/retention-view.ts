import { type Reason, reason, ToolError } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";
import { byCodePoint, printable } from "../kernel/text.ts";
import type { Decisions } from "../gate/core/decisions.ts";
import { channelsOf, resolveChannel } from "../gate/core/requirement.ts";
import { openHeads } from "../gate/review/open-proposal.ts";
import type { GitStore } from "../ports/git-store.ts";
import type { Schemas } from "../schema/schemas.ts";
import type { ChannelPointerV1, DocumentName, Documents, ReleaseV1 } from "../schema/types.gen.ts";
import type { View } from "../state/view.ts";
import { releasesOf, tombstonesOf } from "./all-releases.ts";
import { autoHistory } from "./auto-history.ts";
import { believedTombstones, type RetentionChannel, type RetentionView } from "./core/retention.ts";
import { slugsOf } from "./find-release.ts";
import { referredBy } from "./needed.ts";
import { gatedHistory } from "./pointers.ts";

/** What reading for retention needs. */
export interface RetentionGround {
  readonly store: GitStore;
  readonly schemas: Schemas;
}

/** What decides retention, and what could not be found out: with one of those nothing may go. */
export interface RetentionSeen {
  readonly view: RetentionView;
  readonly unknown: readonly Reason[];
}

/** Folders of planes whose documents this version cannot ask which artifacts they need. */
const UNREAD = [".akc", "ad"];

/**
 * Reads all that decides what may go: every release and tombstone, every channel with its history, and whatever refers to a release,
 * also merges without their proof and open proposals. Costs what the repository holds; only maintenance asks for it.
 */
export async function readRetention(
  ground: RetentionGround,
  facts: View,
  decisions: Decisions,
): Promise<RetentionSeen> {
  const slugs = await slugsOf(facts);
  const releases = (await Promise.all(slugs.map((slug) => releasesOf(facts, slug)))).flat();
  const tombstones = (await Promise.all(slugs.map((slug) => tombstonesOf(facts, slug)))).flat();
  const channels = (await Promise.all(slugs.map((slug) => channelsOfApp(ground, facts, decisions, slug)))).flat();
  const unknown = [...(await unreadPlanes(facts)), ...(await cutHistory(ground.store))];
  const referenced = new Set<string>();
  const refer = (document: Documents[DocumentName]) => referredBy(document).forEach((id) => referenced.add(id));
  for (const slug of slugs) for (const pointer of await autoPointers(facts, slug)) refer(pointer);
  for (const { document } of decisions.list("")) refer(document);
  const tips = new Set([decisions.tip, ...(await openHeads(ground.store)).values()]);
  const before = new Set<Oid>();
  for (const tip of tips) unknown.push(...(await readRaw(ground, tip, before, refer)));
  const known = new Set(releases.map(({ id }) => id));
  for (const id of referenced) if (!known.has(id)) unknown.push(lost(id));
  unknown.push(...reused(releases));
  const view = { releases, tombstones, channels, referenced };
  // Anybody who may push can write a tombstone: it lets go of what policy lets go, and of nothing else.
  return { view: { ...view, tombstones: believedTombstones(view) }, unknown };
}

async function autoPointers(facts: View, app: string): Promise<readonly ChannelPointerV1[]> {
  const keys = (await autoNames(facts, app)).map((channel) => ({ app, channel }));
  return (await facts.findAll("channel-pointer.v1", keys)).flatMap((pointer) => pointer ?? []);
}

async function autoNames(facts: View, app: string): Promise<readonly string[]> {
  const names = await facts.names(`dist/apps/${app}/channels`);
  return names.flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -".json".length)] : []));
}

/** Names of an app's channels that policy names or that have a pointer on either branch, by code point. */
export async function channelNames(facts: View, decisions: Decisions, app: string): Promise<readonly string[]> {
  const gated = decisions.list(`channels/${app}/`).map(
    ({ path }) =>
      path
        .split("/")
        .at(-1)
        ?.replace(/\.json$/, "") ?? "",
  );
  return [
    ...new Set([...channelsOf(decisions.policy.document, app), ...(await autoNames(facts, app)), ...gated]),
  ].toSorted(byCodePoint);
}

/** Channels of an app; where none of them keeps a number, nothing goes and no history is read. */
async function channelsOfApp(
  ground: RetentionGround,
  facts: View,
  decisions: Decisions,
  app: string,
): Promise<readonly RetentionChannel[]> {
  const policy = decisions.policy.document;
  const names = await channelNames(facts, decisions, app);
  const channels = names.map((name) => ({
    app,
    name,
    keep: resolveChannel(policy, app, name).retentionKeep,
  }));
  if (channels.every(({ keep }) => keep === null)) return [];
  const placed = (name: string) => placements(ground, facts, decisions, { app, name });
  return Promise.all(channels.map(async (channel) => ({ ...channel, placed: await placed(channel.name) })));
}

/** What was ever placed on a channel, the last first; a channel that changed its mode has history on both branches. */
async function placements(
  ground: RetentionGround,
  facts: View,
  decisions: Decisions,
  { app, name }: { readonly app: string; readonly name: string },
): Promise<readonly string[]> {
  const placed = gatedHistory(decisions, app, name).map(({ document, mergedAt }) => ({ document, at: mergedAt }));
  if ((await facts.find("channel-pointer.v1", { app, channel: name })) !== undefined) {
    for await (const { pointer, movedAt } of autoHistory(ground, facts.at, app, name))
      placed.push({ document: pointer, at: movedAt });
  }
  return placed.toSorted((a, b) => byCodePoint(b.at, a.at)).map(({ document }) => document.release_id);
}

/** Reads pointers and yanks as they lie on a commit, whether they are in force or not; what was read before is left out. */
async function readRaw(
  { store, schemas }: RetentionGround,
  at: Oid,
  before: Set<Oid>,
  refer: (document: Documents[DocumentName]) => void,
): Promise<readonly Reason[]> {
  const apps = await pathsIn(store, at, ["channels"]);
  const paths = [...(await pathsIn(store, at, apps)), ...(await pathsIn(store, at, ["gates/yank"]))];
  const files = paths.filter((path) => path.endsWith(".json"));
  const unknown: Reason[] = [];
  for (const [i, found] of (await store.read(at, files)).entries()) {
    if (found === null || !("bytes" in found) || before.has(found.oid)) continue;
    before.add(found.oid);
    const path = files[i] ?? "";
    try {
      refer(schemas.parse(path.startsWith("channels/") ? "channel-pointer.v1" : "yank.v1", found.bytes, path));
    } catch (cause) {
      if (!(cause instanceof ToolError)) throw cause;
      const message = `${printable(path)} of ${at.slice(0, 7)} cannot be read, so nobody knows what it needs`;
      unknown.push(
        reason("dist.cleanup.unknown", message, { path: printable(path), commit: at }, "waybill state verify"),
      );
    }
  }
  return unknown;
}

async function pathsIn(store: GitStore, at: Oid, folders: readonly string[]): Promise<readonly string[]> {
  const found = await store.read(at, folders);
  return folders.flatMap((folder, i) => {
    const entry = found[i];
    return entry && "names" in entry ? entry.names.map((name) => `${folder}/${name.replace(/\/$/, "")}`) : [];
  });
}

async function unreadPlanes(facts: View): Promise<readonly Reason[]> {
  const held = await Promise.all(UNREAD.map((folder) => facts.names(folder)));
  return UNREAD.filter((_, i) => (held[i]?.length ?? 0) > 0).map((folder) =>
    reason("dist.cleanup.unknown", `This version cannot say which artifacts the deliveries in ${folder} need`, {
      folder,
    }),
  );
}

async function cutHistory(store: GitStore): Promise<readonly Reason[]> {
  if (!(await store.isShallow())) return [];
  const message = "History is cut short here, so nobody knows which releases channels had";
  return [reason("dist.cleanup.unknown", message, {}, "git fetch --unshallow")];
}

function lost(id: string): Reason {
  const data = { release_id: printable(id) };
  return reason(
    "dist.cleanup.unknown",
    `Something refers to the release ${data.release_id}, which is not there`,
    data,
    "waybill state verify",
  );
}

/** What is decided by id cannot be decided where two releases have it. */
function reused(releases: readonly ReleaseV1[]): readonly Reason[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { id } of releases) (seen.has(id) ? twice : seen).add(id);
  return [...twice].map((id) =>
    reason(
      "dist.cleanup.unknown",
      `Several releases have the id ${printable(id)}`,
      { release_id: printable(id) },
      "waybill state verify",
    ),
  );
}
