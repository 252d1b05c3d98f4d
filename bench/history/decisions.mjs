// What people decide: promotions, rollbacks, yanks and policies.
import { id } from "../facts.mjs";
import { work } from "./everyday.mjs";
import { policyDocument, SOAK_MINUTES } from "./policy.mjs";
import { propose } from "./propose.mjs";
import { movedMetadata, pointerDocument } from "./releases.mjs";
import { asked, SCOPE, START } from "./time-line.mjs";

/** The n-th decision: a promotion to beta or stable, at times a rollback, a yank or a new policy. */
export async function decide(world) {
  const n = world.decided;
  const made =
    n % 250 === 249 ? newPolicy(world) : n % 97 === 96 ? yank(world) : n % 31 === 30 ? rollback(world) : null;
  const wanted = made ?? promotion(world);
  if (wanted === null) return work(world);
  await propose(world, wanted);
}

function newPolicy(world) {
  const document = policyDocument(world, world.policy, `policy of decision ${world.decided}`);
  return {
    path: "policy.json",
    kind: "policy",
    document,
    needs: 2,
    asksFor: { path: "policy.json", reason: document.reason },
    events: [["policy.changed", "policy", "policy.json"]],
  };
}

/** Of an app the oldest release that was never on a channel. */
function yank(world) {
  const app = world.apps[world.decided % world.apps.length];
  const release = app.releases.find((one) => one.isOut && !one.used && !world.yanked.has(one.id));
  if (release === undefined) return null;
  world.yanked.add(release.id);
  const { at, actor } = asked(world);
  const { version, build } = release;
  const what = { app: app.slug, version, build };
  const [reason, severity] = ["broken", "high"];
  const document = {
    ...{ schema: "yank.v1", repo_id: SCOPE.repo_id, proposal_id: id("prop", `yank ${release.id}`), from: null },
    ...{ requested_by: actor, requested_at: at, reason, state_seen: { commit: world.state, seq: world.seq } },
    ...{
      seen: { channels: [] },
      ...what,
      release_id: release.id,
    },
    ...{ release_digest: release.digest, severity, replacement: null },
  };
  return {
    path: `gates/yank/${release.id}.json`,
    kind: "yank",
    document,
    needs: 2,
    asksFor: { ...what, release_id: release.id },
    events: [["release.yanked", "release", release.id, { ...what, reason, severity, replacement: null }]],
  };
}

function rollback(world) {
  const app = world.apps.find(({ channels }) => channels.stable !== undefined && channels.stable.back.length > 0);
  if (app === undefined) return null;
  const channel = app.channels.stable;
  const release = channel.back.pop();
  return move(world, app, "stable", release, "rollback", { source: null });
}

/** A release that has soaked on beta goes to stable, else the newest one to beta; apps take turns. */
function promotion(world) {
  for (let i = 0; i < world.apps.length; i += 1) {
    const app = world.apps[(world.decided + i) % world.apps.length];
    const { beta, stable } = app.channels;
    if (beta !== undefined && beta.release !== stable?.release && !beta.wasStable) {
      const since = beta.since;
      if (Date.parse(since) + SOAK_MINUTES * 60_000 > START + world.ticks * world.stepMs) continue;
      beta.wasStable = true;
      return move(world, app, "stable", beta.release, "promotion", { source: { channel: "beta", since } });
    }
    const newest = app.releases.findLast((release) => release.isOut && !world.yanked.has(release.id));
    if (newest === undefined || newest.used) continue;
    newest.used = true;
    return move(world, app, "beta", newest, "promotion", { source: null });
  }
  return null;
}

function move(world, app, channel, release, kind, { source }) {
  const before = app.channels[channel];
  const seen = { source, validation: { failed: 0, passed: 2, pending: 0, skipped: 0, warning: 0 } };
  const state_seen = { commit: world.state, seq: world.seq };
  const proposal = id("prop", `${kind} ${app.slug} ${channel} ${release.id} ${world.decided}`);
  const document = pointerDocument(app, channel, release, before?.document ?? null, {
    ...asked(world),
    kind,
    proposal,
    seen,
    state_seen,
  });
  const merged = (at) => {
    const back =
      before === undefined || kind === "rollback" ? (before?.back ?? []) : [...before.back, before.release].slice(-5);
    app.channels[channel] = { release, document, since: at, back };
  };
  const action = kind === "rollback" ? "channel.rolled_back" : "channel.promoted";
  const events = [[action, "channel", `${app.slug}/${channel}`, movedMetadata(document)]];
  return {
    path: `channels/${app.slug}/${channel}.json`,
    kind: "channel",
    document,
    needs: channel === "beta" ? 1 : 2,
    asksFor: { ...movedMetadata(document), kind },
    events,
    merged,
  };
}
