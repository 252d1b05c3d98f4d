import { type Refused, reason, refuse } from "../kernel/errors.ts";
import { isOpaqueId } from "../kernel/ids.ts";
import { nearest } from "../kernel/nearest.ts";
import { printable } from "../kernel/text.ts";
import type { AppV1, ReleaseV1 } from "../schema/types.gen.ts";
import type { Key } from "../state/document-kind.ts";
import { isNoDocument } from "../state/no-document.ts";
import type { View } from "../state/view.ts";
import { SLUG } from "./core/manifest.ts";
import { folderOf, referenceOf, releaseKey, versionAt, versionText } from "./core/release-path.ts";
import { newestFirst } from "./core/version-order.ts";
import { type KnownRelease, releaseAt } from "./pointers.ts";
import { idReused } from "./read/reused-ids.ts";

/** A release as people name it: `[<app>@]<version>[+<build>]`, or its id. */
export type ReleaseRefText = string;

/** Names that a hint lists. */
const MAX_LISTED = 5;

/**
 * Finds the release that people named. A version without build names its only build. By id every release of the app is looked
 * through, or of every app where none is given.
 */
export async function findRelease(
  facts: View,
  text: ReleaseRefText,
  app: string | undefined,
): Promise<KnownRelease | Refused> {
  const at = text.indexOf("@");
  const slug = at < 0 ? app : text.slice(0, at);
  if (at > 0 && app !== undefined && app !== slug)
    return invalid(`${printable(text)} is not a release of ${printable(app)}`, "Leave --app out");
  const rest = at < 0 ? text : text.slice(at + 1);
  if (at < 0 && text.startsWith("rel_") && isOpaqueId(text)) return byId(facts, text, app);
  if (slug === undefined)
    return invalid(`${printable(text)} does not say of which app`, `Write <app>@${printable(rest)}`);
  if ((await findApp(facts, slug)) === undefined) return unknownApp(facts, slug);
  return byVersion(facts, slug, rest);
}

async function byVersion(facts: View, slug: string, text: string): Promise<KnownRelease | Refused> {
  const plus = text.lastIndexOf("+");
  const readings = [
    { version: text, build: null },
    ...(plus > 0 ? [{ version: text.slice(0, plus), build: text.slice(plus + 1) }] : []),
  ];
  for (const { version, build } of readings) {
    const known = await releaseAt(facts, slug, version, build);
    if (known !== undefined) return known;
  }
  const builds = (await namesIn(facts, slug, folderOf(text))).filter(({ version }) => version === text);
  const [only, another] = builds;
  if (only !== undefined && another === undefined)
    return (await releaseAt(facts, slug, only.version, only.build)) ?? notFound(facts, slug, text);
  if (another === undefined) return notFound(facts, slug, text);
  const listed = builds.toSorted(newestFirst).slice(0, MAX_LISTED);
  return invalid(
    `${slug} ${printable(text)} has ${builds.length} builds`,
    `Say which: ${listed.map((build) => `${slug}@${build.version}+${build.build}`).join(" ")}`,
  );
}

/** Versions and builds whose documents lie in one folder. */
async function namesIn(facts: View, slug: string, folder: string) {
  const names = await facts.names(`dist/apps/${slug}/releases/${folder}`);
  return names.flatMap((name) => (name.endsWith(".json") ? [versionAt(name.slice(0, -".json".length))] : []));
}

/** Every version and build of an app, newest first. */
export async function versionsOf(
  facts: View,
  slug: string,
): Promise<readonly { readonly version: string; readonly build: string | null }[]> {
  const folders = (await facts.names(`dist/apps/${slug}/releases`)).filter((name) => name.endsWith("/"));
  const all = await Promise.all(folders.map((folder) => namesIn(facts, slug, folder.slice(0, -1))));
  return all.flat().toSorted(newestFirst);
}

async function byId(facts: View, id: string, app: string | undefined): Promise<KnownRelease | Refused> {
  if (app !== undefined && (await findApp(facts, app)) === undefined) return unknownApp(facts, app);
  const slugs = app === undefined ? await slugsOf(facts) : [app];
  const all = (await Promise.all(slugs.map((slug) => readableReleases(facts, slug)))).flat();
  const [found, ...others] = all.filter((release) => release.id === id);
  if (found === undefined) return noSuchRelease(id);
  if (others.length === 0)
    return (await releaseAt(facts, found.app_id, found.version, found.build)) ?? noSuchRelease(id);
  const named = [found, ...others].slice(0, MAX_LISTED).map((release) => referenceOf(release.app_id, release));
  return refuse(idReused(id, named));
}

/** Releases of an app, newest version first; what is no document is left out, whoever put it there. */
export async function readableReleases(facts: View, slug: string): Promise<readonly ReleaseV1[]> {
  const keys = (await versionsOf(facts, slug)).map(({ version, build }) => releaseKey(slug, version, build));
  try {
    return (await facts.findAll("release.v1", keys)).flatMap((release) => release ?? []);
  } catch (cause) {
    if (!isNoDocument(cause)) throw cause;
    const each = await Promise.all(keys.map((key) => readable(facts, key)));
    return each.flatMap((release) => release ?? []);
  }
}

async function readable(facts: View, key: Key): Promise<ReleaseV1 | undefined> {
  try {
    return await facts.find("release.v1", key);
  } catch (cause) {
    if (isNoDocument(cause)) return undefined;
    throw cause;
  }
}

/** Slugs of all apps, by code point. */
export async function slugsOf(facts: View): Promise<readonly string[]> {
  return (await facts.names("dist/apps")).flatMap((name) => (name.endsWith("/") ? [name.slice(0, -1)] : []));
}

/** An app by slug; what is no slug is never looked for. */
export async function findApp(facts: View, slug: string): Promise<AppV1 | undefined> {
  return SLUG.takes(slug) ? facts.find("app.v1", { slug }) : undefined;
}

/** Refuses an app that is not there, with the nearest one that is. */
export async function unknownApp(facts: View, slug: string): Promise<Refused> {
  const slugs = await slugsOf(facts);
  const meant = nearest(slug, slugs);
  const hint = meant === undefined ? "dist app list" : `Did you mean ${meant}?`;
  return refuse(reason("app.not_found", `There is no app ${printable(slug)}`, { app: printable(slug) }, hint));
}

async function notFound(facts: View, slug: string, text: string): Promise<Refused> {
  const versions = await versionsOf(facts, slug);
  const meant = nearest(
    text,
    versions.map(({ version }) => version),
  );
  const [newest] = versions;
  const hints = [
    ...(meant === undefined ? [] : [`Did you mean ${slug}@${meant}?`]),
    ...(newest === undefined ? [] : [`The newest is ${slug} ${versionText(newest)}`]),
  ];
  const message = `${slug} has no release ${printable(text)}`;
  return refuse(reason("release.not_found", message, { app: slug, release: printable(text) }, ...hints));
}

/** Refuses a release id that nothing has. */
export function noSuchRelease(id: string): Refused {
  return refuse(reason("release.not_found", `There is no release ${id}`, { release: id }, "dist release list"));
}

function invalid(message: string, hint: string): Refused {
  return refuse(reason("usage.invalid_argument", message, {}, hint));
}
