import { sha256Hex } from "../../src/kernel/digest.ts";
import { orThrow } from "../../src/kernel/errors.ts";
import type { Oid } from "../../src/kernel/oid.ts";
import { newestAnchor, sealFacts } from "../../src/gate/upkeep/seal.ts";
import { loadDecisions } from "../../src/gate/view/view.ts";
import type { AuditEventV1, StateSealResultV1 } from "../../src/schema/types.gen.ts";
import { filesBelow } from "../../src/state/seal/files-below.ts";
import { planFolder } from "../../src/state/seal/plan.ts";
import { linesOf } from "../../src/state/seal/segment.ts";
import { appDocument, commitFiles, eventDocument, eventPath, printed } from "./facts.ts";
import { decide } from "./gate-steps.ts";
import { type HonestWorld, honestHistory } from "./honest-history.ts";
import { memoryFolder } from "./memory-folder.ts";
import { auditKind } from "./seal-day.ts";

/** Folder of the events of a day in January 2026. */
export const dayFolder = (day: string): string => `audit/2026/01/${day}`;

/** Files of a commit by hand; null removes. */
export type Files = Record<string, Uint8Array | string | null>;

/** Facts of some days, and a decision on the 8th that has seen those before: the 5th to the 7th can be sealed. */
export interface SealedWorld extends HonestWorld {
  /** Goes on to the next day and writes events on it. */
  nextDay(events: number): Promise<void>;
  /** Seals as the tool does. */
  seal(before?: string): Promise<StateSealResultV1>;
  /** Seals a day by hand, file by file, with an event that names what came of `edit`. */
  byHand(day: string, edit?: (files: Files) => void, editEvent?: (event: AuditEventV1) => AuditEventV1): Promise<Oid>;
  /** Paths of a day's events. */
  eventsOf(day: string, at?: Oid): Promise<readonly string[]>;
  /** Goes back to how it was made, as a machine that has seen nothing since. */
  reset(): void;
  /** Rules that a verify finds broken, by rule and commit. */
  broken(): Promise<readonly string[]>;
}

/** Makes such a world; nothing is sealed yet. */
export async function makeSealedWorld(): Promise<SealedWorld> {
  const world = await honestHistory();
  let apps = 0;
  const write = async (events: number) => {
    for (let i = 0; i < events; i += 1) {
      apps += 1;
      world.pass(1);
      const slug = `app-${apps}`;
      await world.write({ name: "app.v1", key: { slug }, document: appDocument(slug) });
    }
  };
  const nextDay = async (events: number) => {
    world.pass(24 * 60);
    await write(events);
  };
  await nextDay(4);
  await nextDay(2);
  await nextDay(1);
  await decide({ ...world, ground: world.ground }, "1.1.0");
  await nextDay(1);
  const made = new Map(world.repository.branches);
  const now = () => world.ground.clock.now().getTime();
  const madeAt = now();
  const eventsOf = async (day: string, at?: Oid) =>
    (await filesBelow(world.store, at ?? (await world.tip()), dayFolder(day))).map(({ path }) => path);
  return {
    ...world,
    nextDay,
    eventsOf,
    reset() {
      world.repository.branches.clear();
      for (const [branch, tip] of made) world.repository.branches.set(branch, tip);
      world.cache.files.clear();
      world.pass((madeAt - now()) / 60_000);
    },
    async seal(before) {
      const asked = { before: before ?? null, dryRun: false };
      return orThrow(await sealFacts(world.ground, world.act(), asked)).result;
    },
    async byHand(day, edit, editEvent = (event) => event) {
      const folder = dayFolder(day);
      const files = await filesBelow(world.store, await world.tip(), folder);
      const plan = planFolder(world.ground.schemas, auditKind, folder, files);
      const writes: Files = {};
      for (const [path, bytes] of plan?.writes ?? []) if (bytes !== null) writes[path] = bytes;
      for (const { path } of files) writes[path] = null;
      edit?.(writes);
      const anchor = newestAnchor(await loadDecisions({ ...world.ground, cache: memoryFolder() }));
      const event = editEvent({
        ...eventDocument(`aud_seal_${day}_${now()}`, "2026-01-09T12:00:00Z"),
        tenant_id: "tenant",
        repo_id: "repo",
        action: "state.sealed",
        metadata: { anchor, segments: segmentsIn(writes) },
      });
      return commitFiles(world.store, { ...writes, [eventPath(event)]: printed(event) });
    },
    async broken() {
      const result = await world.verify({ full: true });
      const missing = result.missing.map(({ message }) => `missing ${message}`);
      return [...missing, ...result.violations.map(({ rule, path }) => `${rule} ${path ?? "-"}`)];
    },
  };
}

function segmentsIn(files: Files) {
  return Object.entries(files).flatMap(([path, content]) => {
    const bytes = Buffer.from(content ?? "");
    return path.endsWith(".ndjson") ? [{ path, documents: linesOf(bytes), sha256: sha256Hex(bytes) }] : [];
  });
}
