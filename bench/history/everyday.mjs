// What goes on every day: publishes, tokens and holds.
import { id, print } from "../facts.mjs";
import { artifactRows, movedMetadata, pointerDocument, recordFile, releaseDocument, releasePath } from "./releases.mjs";
import { actorOf, CI, commitFacts, hex, tick, timestamp } from "./time-line.mjs";

/** One commit of everyday work: mostly publishes, now and then a token or a hold. */
export async function work(world) {
  if (world.drafts.length > 0) return publish(world, world.drafts.shift());
  if (world.seq % 500 === 7) return token(world);
  if (world.seq % 150 === 11) return hold(world, world.apps[world.seq % world.apps.length]);
  return draft(world);
}

async function draft(world) {
  const app = world.apps[world.published % world.apps.length];
  const n = app.releases.length;
  const version = `${1 + Math.floor(n / 500)}.${Math.floor(n / 20) % 25}.${n % 20}`;
  const release = { app: app.slug, version, build: String(n + 1), id: id("rel", `${app.slug} ${n}`) };
  world.published += 1;
  app.releases.push(release);
  release.created = tick(world);
  const text = print(releaseDocument(release, "draft", null));
  await commitFacts(
    world,
    "dist ci publish",
    `release.draft_created ${app.slug}@${version}`,
    [[releasePath(release), text]],
    [["release.draft_created", "release", release.id, { app: app.slug, version, build: release.build, artifacts: 2 }]],
    CI,
    release.created,
  );
  world.drafts.push([app, release]);
}

async function publish(world, [app, release]) {
  const at = tick(world);
  const text = print(releaseDocument(release, "published", at));
  release.digest = hex(text);
  release.isOut = true;
  const pointer = pointerDocument(app, "internal", release, app.internal, {
    at,
    actor: CI,
    kind: "promotion",
    proposal: id("prop", `auto ${release.id}`),
  });
  app.internal = pointer;
  const { version, build } = release;
  const common = { app: app.slug, version, build };
  const rows = artifactRows(release);
  await commitFacts(
    world,
    "dist ci publish",
    `release.published ${app.slug}@${version}`,
    [
      [releasePath(release), text],
      ...rows.map((row) => recordFile(row, release, at)),
      [`dist/apps/${app.slug}/channels/internal.json`, print(pointer)],
    ],
    [
      ...rows.map(({ id: artifact, filename, platform, sha256, size_bytes, variant }) => [
        ...["artifact.uploaded", "artifact", artifact],
        { app: app.slug, filename, platform, release_id: release.id, sha256, size_bytes, variant },
      ]),
      ["release.published", "release", release.id, { ...common, artifacts: rows.length }],
      ["channel.promoted", "channel", `${app.slug}/internal`, movedMetadata(pointer)],
    ],
    CI,
    at,
  );
}

async function token(world) {
  const at = tick(world);
  const actor = actorOf(world.people[0]);
  const own = id("tok", at);
  const document = {
    ...{
      schema: "token.v1",
      id: own,
      name: `ci ${world.seq}`,
      token_hash: hex(own),
      token_prefix: hex(own).slice(0, 8),
      scopes: ["releases:publish"],
    },
    ...{
      apps: null,
      channels: null,
      actor_kind: "automation",
      created_by: actor,
      created_at: at,
      expires_at: timestamp(Date.parse(at) + 90 * 86_400_000),
      revoked_at: null,
    },
  };
  await commitFacts(
    world,
    "dist token create",
    `token.created ${own}`,
    [[`dist/tokens/${own}.json`, print(document)]],
    [["token.created", "token", own, { name: document.name }]],
    actor,
    at,
  );
}

async function hold(world, app) {
  const at = tick(world);
  const actor = actorOf(world.people[1]);
  const path = `dist/apps/${app.slug}/holds/beta.json`;
  const document = {
    schema: "channel-hold.v1",
    app: app.slug,
    channel: "beta",
    reason: "incident",
    held_by: actor,
    held_at: at,
  };
  const text = app.held ? null : print(document);
  const action = app.held ? "channel.released" : "channel.held";
  app.held = !app.held;
  await commitFacts(
    world,
    "dist channel hold",
    `${action} ${app.slug}/beta`,
    [[path, text]],
    [[action, "channel", `${app.slug}/beta`, { app: app.slug, channel: "beta", reason: "incident" }]],
    actor,
    at,
  );
}
