// What a commit costs in a packed repository: 2,000 commits that each move a pointer and tell of it, every fifth with a release, 200 a day.
import { event, id, print } from "./facts.mjs";
import { ownHistory } from "./history/cache.mjs";
import { appOf, movedMetadata, pointerDocument, releaseDocument, releasePath } from "./history/releases.mjs";
import { CI, hex, SCOPE, timestamp } from "./history/time-line.mjs";
import { openStore, withoutSync } from "./operations.mjs";
import { git } from "./repository.mjs";

const COMMITS = 2000;
const FIRST = Date.parse("2026-05-01T00:00:00Z");
const PER_DAY = 200;
const APPS = 10;

/** The row of packed bytes for each commit, written by the store of the product. */
export async function packed(modules) {
  const { path, remove } = await ownHistory(10_000);
  try {
    const before = packedBytes(path);
    const store = await openStore(modules, path, await withoutSync(modules));
    const { actOf } = await modules("src/kernel/act.js");
    const apps = Array.from({ length: APPS }, (_, i) => ({ ...appOf(i), release: null, pointer: null }));
    for (let n = 0; n < COMMITS; n += 1) await move(store, actOf, apps, n);
    await store.close();
    const value = (packedBytes(path) - before) / COMMITS;
    const note = `${COMMITS} commits on 10 k documents, packed by git gc`;
    return [{ name: "packed bytes per commit with its event", value, unit: "B", target: 1800, note }];
  } finally {
    remove();
  }
}

function packedBytes(path) {
  git(path, "gc", "--quiet", "--prune=now");
  return Number(/size-pack: (\d+)/.exec(git(path, "count-objects", "-v"))[1]) * 1024;
}

async function move(store, actOf, apps, n) {
  const at = timestamp(FIRST + (n * 86_400_000) / PER_DAY);
  const app = apps[n % APPS];
  const writes = new Map();
  if (app.release === null || n % 5 === 0) {
    const version = `9.${Math.floor(n / 200)}.${n % 200}`;
    const release = { app: app.slug, version, build: String(n), id: id("rel", `packed ${n}`), created: at };
    const document = print(releaseDocument(release, "published", at));
    writes.set(releasePath(release), Buffer.from(document));
    app.release = { ...release, digest: hex(document) };
  }
  const proposal = id("prop", `packed ${n}`);
  app.pointer = pointerDocument(app, "beta", app.release, app.pointer, { at, actor: CI, kind: "promotion", proposal });
  const operation = id("op", `packed ${n}`, 26);
  const request = `req_${operation.slice(3, 15)}`;
  const told = event(...[SCOPE, at, 0, "channel.promoted", "channel", `${app.slug}/beta`, movedMetadata(app.pointer)], {
    by: CI,
    request,
  });
  const pointerPath = `dist/apps/${app.slug}/channels/beta.json`;
  writes.set(pointerPath, Buffer.from(print(app.pointer)));
  writes.set(told[0], Buffer.from(told[1]));
  const act = actOf({ operation, at, requestId: request, command: "dist release promote", actor: CI });
  const change = { act, reads: new Map(), writes, message: `channel.promoted ${app.slug}/beta` };
  await store.apply("waybill/state", change, new Date(Date.now() + 60_000));
}
