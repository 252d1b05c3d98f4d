// Documents of apps, releases, records and pointers.
import { id, print } from "../facts.mjs";
import { CI, hex, SCOPE, START, timestamp } from "./time-line.mjs";

/** An app without anything yet. */
export const appOf = (i) => ({ slug: `app-${i}`, releases: [], internal: null, channels: {}, held: false });

/** File of an app that is made next. */
export function appFile(world, { slug }) {
  const at = timestamp(START + (world.ticks + 1) * world.stepMs);
  const document = {
    ...{ schema: "app.v1", id: slug, slug, display_name: slug, owner: "acme", visibility: "private", platforms: [] },
    ...{ bundle_ids: {}, ios_mode: "artifact_only", testflight_url: null, created_at: at, updated_at: at },
  };
  return [`dist/apps/${slug}/app.json`, print(document)];
}

/** Where a release lies. */
export const releasePath = ({ app, version, build }) =>
  `dist/apps/${app}/releases/${version.split(".").slice(0, 2).join(".")}/${version}+${build}.json`;

/** The two artifacts of a release, as it lists them. */
export function artifactRows(release) {
  return ["android_apk", "generic"].map((platform) => {
    const sha256 = hex(`${platform} ${release.id}`);
    const filename = platform === "generic" ? `${release.app}.tar.gz` : `${release.app}.apk`;
    const content_type = platform === "generic" ? "application/gzip" : "application/vnd.android.package-archive";
    return {
      ...{
        id: id("art", `${platform} ${release.id}`),
        app_id: release.app,
        release_id: release.id,
        platform,
        variant: null,
      },
      ...{
        filename,
        content_type,
        size_bytes: 18_000_000 + (Number.parseInt(sha256.slice(0, 5), 16) % 999_983),
        sha256,
      },
      ...{ storage_key: `${sha256.slice(0, 2)}/${sha256}`, metadata: {}, validation_status: "passed" },
    };
  });
}

/** A release as a draft or published. */
export function releaseDocument(release, status, at) {
  return {
    ...{ schema: "release.v1", id: release.id, app_id: release.app, version: release.version, build: release.build },
    ...{ channel: "internal", notes: `Notes of ${release.version}`, created_by: CI, created_at: release.created },
    ...{ published_at: at, status, forge: null, artifacts: artifactRows(release) },
    source: { repository: "acme/notes", commit: hex(release.id).slice(0, 40), run_url: null },
  };
}

/** File of the record of an artifact. */
export function recordFile({ sha256, size_bytes, filename, platform }, release, at) {
  const isApk = platform === "android_apk";
  const facts = isApk
    ? {
        package: `com.acme.${release.app.replaceAll("-", "_")}`,
        version_name: release.version,
        version_code: release.build,
      }
    : {};
  const inspection = { kind: isApk ? "apk" : "opaque", inspector_version: 1, facts, checks: [] };
  const location = {
    driver: "file",
    release_id: release.id,
    asset_id: null,
    asset_name: filename,
    url: null,
    verified_at: at,
  };
  const record = { schema: "artifact.v1", sha256, size_bytes, first_seen_at: at, locations: [location], inspection };
  return [`dist/artifacts/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}.json`, print(record)];
}

/** A pointer of a channel; `seen` is there where it is a decision. */
export function pointerDocument(app, channel, release, before, { at, actor, kind, proposal, ...rest }) {
  const from = before && { proposal_id: before.proposal_id, release_id: before.release_id };
  return {
    ...{
      schema: "channel-pointer.v1",
      repo_id: SCOPE.repo_id,
      proposal_id: proposal,
      from,
      requested_by: actor,
      requested_at: at,
    },
    ...{
      reason: `${kind} of ${release.version}`,
      app: app.slug,
      channel,
      kind,
      release_id: release.id,
      version: release.version,
    },
    ...{ build: release.build, release_digest: release.digest, rollout_percent: 100, ...rest },
  };
}

/** What an event says of a pointer that moved. */
export function movedMetadata({ app, build, channel, from, proposal_id, release_id, rollout_percent, version }) {
  return {
    app,
    build,
    channel,
    from_release_id: from?.release_id ?? null,
    proposal_id,
    release_id,
    rollout_percent,
    version,
  };
}
