// What writers and readers do. A job runs command lines; a mark says by which event each must be found, once.
import { manifestIn } from "./world.mjs";

/** How often each job is chosen. */
export const WEIGHTS = {
  ...{ publish: 6, createApp: 3, createToken: 3, hold: 2, promote: 3, decide: 3, yank: 1 },
  ...{ sync: 1, seal: 1, list: 2, audit: 2, snapshot: 1, verify: 1 },
};

/** The jobs by name; each gets the soak, its writer and a name that nothing else has. */
export const jobs = {
  async publish(soak, writer, own) {
    const version = `1.${own}.0`;
    const line = ["dist", "ci", "publish", "--manifest", manifestIn(soak.folder, version, own)];
    const marks = [`release.published ${version}`];
    // Somebody whose run died runs it again, at times on another machine.
    for (let tries = 0; tries < 3; tries += 1) {
      const { exit } = await soak.run(tries === 0 ? writer : soak.chance.of(soak.writers), line, marks);
      if (exit === 0) return void soak.versions.push(version);
      if (soak.chance.next() < 0.3) return;
    }
  },
  async createApp(soak, writer, own) {
    await soak.run(writer, ["dist", "app", "create", `app-${own}`, "--name", own], [`app.created app-${own}`]);
  },
  async createToken(soak, writer, own) {
    const line = ["dist", "token", "create", own, "--scope", "releases:publish"];
    const { exit, answer } = await soak.run(writer, line, [`token.created ${own}`]);
    const id = answer?.result?.token?.id;
    if (exit === 0 && id && soak.chance.next() < 0.5)
      await soak.run(writer, ["dist", "token", "revoke", id, "--yes"], [`token.revoked ${own}`]);
  },
  async hold(soak, writer, own) {
    const held = await soak.run(writer, ["dist", "channel", "hold", "nightly", "--app", "acme", "--reason", own]);
    if (held.exit === 0 && held.answer.result?.changed) soak.mark(`channel.held ${own}`);
    await soak.run(writer, ["dist", "channel", "unhold", "nightly", "--app", "acme"]);
  },
  async promote(soak, writer) {
    const version = soak.chance.of(soak.versions);
    if (version === undefined) return;
    await soak.run(writer, ["dist", "release", "promote", `acme@${version}`, "--channel", "nightly"]);
  },
  decide: (soak, writer, own) =>
    decide(soak, writer, (version) => ["promote", `acme@${version}`, "--channel", "stable", "--reason", own]),
  yank: (soak, writer, own) => decide(soak, writer, (version) => ["yank", `acme@${version}`, "--reason", own]),
  sync: (soak, writer) => soak.run(writer, ["waybill", "gate", "sync"]),
  seal: (soak, writer) => soak.run(writer, ["waybill", "state", "seal"]),
  list: (soak, writer) => soak.run(writer, ["dist", "release", "list", "--app", "acme"]),
  audit: (soak, writer) => soak.run(writer, ["dist", "audit", "--limit", "20"]),
  snapshot: (soak, writer) => soak.run(writer, ["waybill", "snapshot", "build"]),
  async verify(soak, writer) {
    const { answer } = await soak.run(writer, ["waybill", "state", "verify"]);
    // A server that lets nobody in is no answer about history.
    if (answer?.error?.code === "state.verify.violated")
      soak.violated(`state verify says no: ${JSON.stringify(answer?.error)}`);
  },
};

/** Proposes, approves and merges; what is merged must be recorded once. */
async function decide(soak, writer, line) {
  const version = soak.chance.of(soak.versions);
  if (version === undefined) return;
  const { answer } = await soak.run(writer, ["dist", "release", ...line(version)]);
  const proposal = answer?.result?.proposal?.id;
  if (proposal === undefined) return;
  await soak.run(writer, ["waybill", "gate", "approve", proposal]);
  await soak.run(
    soak.chance.of(soak.writers),
    ["waybill", "gate", "merge", proposal],
    [`decision.recorded ${proposal}`],
  );
}

/** Marks that an event answers to. */
export function marksOf({ action, target_id: target, metadata }) {
  if (action === "release.published") return [`${action} ${metadata.version}`];
  if (action === "app.created" || action === "decision.recorded") return [`${action} ${target}`];
  if (action === "token.created" || action === "token.revoked") return [`${action} ${metadata.name}`];
  if (action === "channel.held") return [`${action} ${metadata.reason}`];
  return [];
}
