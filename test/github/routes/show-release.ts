import { createHash } from "node:crypto";
import { type FakeAsset, type FakeRelease, readImmutable } from "../model/releases.ts";
import type { Call, Reply } from "../route.ts";
import { repoPage, repoUrl } from "./show-repository.ts";
import { nodeId, showUser } from "./show-user.ts";

/** A release; showing it counts as one read for the delay of `immutable`. */
export function showRelease(release: FakeRelease, call: Call): Readonly<Record<string, unknown>> {
  const url = `${repoUrl(call.repo, call.world)}/releases/${release.id}`;
  const page = repoPage(call.repo, call.world);
  const tag = shownTag(release);
  const upload = `${call.world.urls.uploads}/repos/${call.repo.owner.login}/${call.repo.name}/releases/${release.id}`;
  return {
    url,
    assets_url: `${url}/assets`,
    upload_url: `${upload}/assets{?name,label}`,
    html_url: `${page}/releases/tag/${encodeURIComponent(tag)}`,
    id: release.id,
    author: showUser(release.author, call.world),
    node_id: nodeId("RE", release.id),
    tag_name: release.tag,
    target_commitish: release.target,
    name: release.name,
    body: release.body,
    draft: release.draft,
    prerelease: release.prerelease,
    immutable: readImmutable(release),
    created_at: release.createdAt,
    updated_at: release.publishedAt ?? release.createdAt,
    published_at: release.publishedAt,
    assets: release.assets.map((asset) => showAsset(release, asset, call)),
    tarball_url: release.draft ? null : `${repoUrl(call.repo, call.world)}/tarball/${release.tag}`,
    zipball_url: release.draft ? null : `${repoUrl(call.repo, call.world)}/zipball/${release.tag}`,
  };
}

/** An asset of a release. */
export function showAsset(release: FakeRelease, asset: FakeAsset, call: Call): Readonly<Record<string, unknown>> {
  const tag = encodeURIComponent(shownTag(release));
  const name = encodeURIComponent(asset.name);
  return {
    url: `${repoUrl(call.repo, call.world)}/releases/assets/${asset.id}`,
    id: asset.id,
    node_id: nodeId("RA", asset.id),
    name: asset.name,
    label: asset.label,
    uploader: showUser(asset.uploader, call.world),
    content_type: asset.contentType,
    state: asset.state,
    size: asset.sizeBytes,
    digest: asset.digest,
    download_count: asset.downloads,
    created_at: asset.createdAt,
    updated_at: asset.updatedAt,
    browser_download_url: `${repoPage(call.repo, call.world)}/releases/download/${tag}/${name}`,
  };
}

/** An answer about assets: that one may be a `starter` was seen, but GitHub's description does not know it. */
export function told(reply: Reply, assets: readonly FakeAsset[]): Reply {
  return assets.some((asset) => asset.state === "starter") ? { ...reply, isUndescribed: true } : reply;
}

/** The name that a draft has in addresses: it has no tag, and several may name the same one. */
function shownTag(release: FakeRelease): string {
  if (!release.draft) return release.tag;
  return `untagged-${createHash("sha1").update(String(release.id)).digest("hex").slice(0, 20)}`;
}
