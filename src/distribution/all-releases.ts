import type { Decisions } from "../gate/core/decisions.ts";
import type { ReleaseTombstoneV1, ReleaseV1 } from "../schema/types.gen.ts";
import type { View } from "../state/view.ts";
import { releaseKey } from "./core/release-path.ts";
import { removableBytes } from "./core/retention.ts";
import { tombstoneKey } from "./documents.ts";
import { slugsOf, versionsOf } from "./find-release.ts";
import { neededBy } from "./needed.ts";

/** Every release of an app, newest version first. */
export async function releasesOf(facts: View, slug: string): Promise<readonly ReleaseV1[]> {
  const keys = (await versionsOf(facts, slug)).map(({ version, build }) => releaseKey(slug, version, build));
  return (await facts.findAll("release.v1", keys)).flatMap((release) => release ?? []);
}

/** Tombstones of an app's releases, by code point of id. */
export async function tombstonesOf(facts: View, slug: string): Promise<readonly ReleaseTombstoneV1[]> {
  const root = `dist/apps/${slug}/retired`;
  const folders = (await facts.names(root)).filter((name) => name.endsWith("/"));
  const names = await Promise.all(folders.map((folder) => facts.names(`${root}/${folder.slice(0, -1)}`)));
  const ids = names.flat().flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -".json".length)] : []));
  const keys = ids.map((id) => tombstoneKey(slug, id));
  return (await facts.findAll("release-tombstone.v1", keys)).flatMap((tombstone) => tombstone ?? []);
}

/**
 * Digests whose bytes retention gave up and that no release which stands, or which decisions in force need, has: where they are gone,
 * nothing is wrong.
 */
export async function givenUpDigests(facts: View, decisions: Decisions | null): Promise<ReadonlySet<string>> {
  const slugs = await slugsOf(facts);
  const releases = (await Promise.all(slugs.map((slug) => releasesOf(facts, slug)))).flat();
  const tombstones = (await Promise.all(slugs.map((slug) => tombstonesOf(facts, slug)))).flat();
  const referenced = decisions === null ? new Set<string>() : neededBy(decisions);
  const given = removableBytes({ releases, tombstones, channels: [], referenced });
  return new Set(given.map(({ sha256 }) => sha256));
}
