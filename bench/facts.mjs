// Makes the documents of a state branch of a wanted size, valid and canonical, without any module of ours.
import { createHash } from "node:crypto";

/** Characters of ids: base 32 of Crockford. */
export const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const hex = (text) => createHash("sha256").update(text).digest("hex");

/** An id that follows from a text. */
export function id(prefix, text, length = 12) {
  const digest = createHash("sha256").update(text).digest();
  return `${prefix}_${Array.from({ length }, (_, i) => ALPHABET[digest[i] & 31]).join("")}`;
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key])]),
  );
}

/** Prints a document as our branches hold it. */
export const print = (document) => `${JSON.stringify(sorted(document), null, 2)}\n`;
const actor = { kind: "workflow", name: "publish.yml", id: "acme/notes", verified: false };

/** A time as 10 characters that sort as times do. */
export function timePart(ms) {
  return Array.from({ length: 10 }, (_, i) => ALPHABET[Math.floor(ms / 32 ** (9 - i)) % 32]).join("");
}

/** An event with its path; `n` orders events of one moment. What follows from a decision brings an id of its own. */
export function event(scope, at, n, action, type, target, metadata, { by = actor, request = `req_${n}`, own } = {}) {
  const name = own ?? `aud_${timePart(Date.parse(at) + n)}${id("", `${at}${n}${target}`, 16).slice(1)}`;
  const [date, time] = at.split("T");
  const path = `audit/${date.replaceAll("-", "/")}/${time.slice(0, 2)}/${time.slice(3, 5)}/${name}.json`;
  const document = {
    ...{ schema: "audit-event.v1", id: name, tenant_id: scope.tenant_id, repo_id: scope.repo_id, actor: by },
    ...{ action, target_type: type, target_id: target, metadata, request_id: request, created_at: at },
  };
  return [path, print(document)];
}

/** Documents of one publish: a release of one artifact, its record, and eight events. */
function publish(scope, app, n, at) {
  const [major, minor] = [1 + Math.floor(n / 1000), Math.floor(n / 10) % 100];
  const version = `${major}.${minor}.${n % 10}`;
  const release = id("rel", `${app} ${version}`);
  const sha256 = hex(`${app} ${version}`);
  const filename = `${app}.apk`;
  const common = { app_id: app, release_id: release };
  const row = {
    ...{ ...common, id: id("art", `${app} ${version}`), platform: "android_apk", variant: null, filename },
    ...{ content_type: "application/vnd.android.package-archive", size_bytes: 18_000_000 + n, sha256 },
    ...{ storage_key: `${sha256.slice(0, 2)}/${sha256}`, metadata: {}, validation_status: "passed" },
  };
  const document = {
    ...{ schema: "release.v1", id: release, app_id: common.app_id, version, build: String(n), channel: "internal" },
    ...{ notes: `Notes of ${version}`, created_by: actor, created_at: at, published_at: at, status: "published" },
    source: { repository: "acme/notes", commit: hex(release).slice(0, 40), run_url: null },
    ...{ forge: null, artifacts: [row] },
  };
  const location = {
    ...{ driver: "file", release_id: release, asset_id: null, asset_name: filename },
    ...{ url: null, verified_at: at },
  };
  const record = {
    ...{ schema: "artifact.v1", sha256, size_bytes: row.size_bytes, first_seen_at: at, locations: [location] },
    inspection: {
      kind: "apk",
      inspector_version: 1,
      facts: { package: `com.acme.${app}`, version_name: version },
      checks: [],
    },
  };
  const actions = [
    "release.draft_created",
    ...Array(5).fill("artifact.uploaded"),
    "release.published",
    "channel.promoted",
  ];
  return [
    [`dist/apps/${app}/releases/${major}.${minor}/${version}+${n}.json`, print(document)],
    [`dist/artifacts/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}.json`, print(record)],
    ...actions.map((action, i) => event(scope, at, i, action, "release", release, { app, version })),
  ];
}

/** Yields `count` documents as [path, text]: ten for each publish, spread over apps and over minutes, apps before them. */
export function* facts(scope, count, start = "2026-01-01T00:00:00Z", minutesApart = 7) {
  const apps = Math.max(1, Math.min(200, Math.floor(count / 100)));
  let made = 0;
  for (let a = 0; a < apps && made < count; a += 1, made += 1) yield app(`app-${a}`);
  for (let n = 0; made < count; n += 1) {
    const at = `${new Date(Date.parse(start) + n * minutesApart * 60_000).toISOString().slice(0, 19)}Z`;
    for (const document of publish(scope, `app-${n % apps}`, Math.floor(n / apps), at)) {
      if (made === count) return;
      made += 1;
      yield document;
    }
  }
}

function app(slug) {
  const document = {
    ...{ schema: "app.v1", id: slug, slug, display_name: slug, owner: "acme", visibility: "private" },
    ...{ platforms: [], bundle_ids: {}, ios_mode: "artifact_only", testflight_url: null },
    ...{ created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z" },
  };
  return [`dist/apps/${slug}/app.json`, print(document)];
}

/** Prints state.json. */
export function stateJson(scope) {
  return print({
    schema: "state.v1",
    format_version: 1,
    ...scope,
    forge_repository_id: null,
    created_at: "2026-01-01T00:00:00Z",
  });
}
