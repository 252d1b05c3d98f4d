import { documentKinds } from "../../cli/compose/kinds.ts";
import { verifyChecks } from "../../cli/verify-checks.ts";
import { verifyRules } from "../../cli/verify-rules.ts";
import { releaseKey } from "../../src/distribution/core/release-path.ts";
import { artifactKey } from "../../src/distribution/documents.ts";
import type { GateGround } from "../../src/gate/ground.ts";
import { sealFacts } from "../../src/gate/upkeep/seal.ts";
import { verifyRepository } from "../../src/gate/verify/verify-repository.ts";
import { sha256Hex } from "../../src/kernel/digest.ts";
import { orThrow } from "../../src/kernel/errors.ts";
import type { Oid } from "../../src/kernel/oid.ts";
import { timestamp } from "../../src/kernel/time.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import type { ArtifactV1, AuditEventV1, ReleaseV1, StateSealResultV1 } from "../../src/schema/types.gen.ts";
import type { Write } from "../../src/state/plan.ts";
import { linesOf } from "../../src/state/seal/segment.ts";
import { openState, tipOf, transact } from "../../src/state/transact.ts";
import type { View } from "../../src/state/view.ts";
import { appDocument, commitFiles, printed, releaseDocument, schemas } from "./facts.ts";
import { decide } from "./gate-steps.ts";
import { type GateWorld, makeGateWorld } from "./gate-world.ts";
import type { Files } from "./sealed-world.ts";
import { collect } from "./store-under-test.ts";

/** Where the releases and the records of these tests are sealed. */
export const RELEASES = "dist/apps/notes/releases.ndjson";
export const RECORDS = "dist/artifacts/ab.ndjson";

/** Path of the file of a version. */
export const fileOf = (version: string): string =>
  `dist/apps/notes/releases/${/^\d+\.\d+/.exec(version)?.[0]}/${version}.json`;

/** An app with releases and records of a day that a decision has seen, and a draft. */
export interface ReleasesWorld extends GateWorld {
  readonly ground: GateGround;
  tip(): Promise<Oid>;
  view(): Promise<View>;
  write(...writes: readonly Write[]): Promise<Oid | null>;
  /** Publishes versions with a record each, as of now. */
  publish(...versions: readonly string[]): Promise<void>;
  /** A record as it would be with a further location. */
  located(version: string, more?: Partial<ArtifactV1>): Promise<Write>;
  /** Goes on to the next day and lets a decision see what is there. */
  see(version: string): Promise<void>;
  seal(ground?: GateGround): Promise<StateSealResultV1>;
  /** Puts the files of the seal that the tool would make, after `edit`, with an event that names their segments. */
  forge(edit: (files: Files) => void, editEvent?: (event: AuditEventV1) => AuditEventV1): Promise<Oid>;
  reset(): void;
  /** Rules that a verify finds broken, with their paths. */
  broken(options?: { readonly full?: boolean; readonly store?: GitStore }): Promise<readonly string[]>;
}

/** Digest of the file of a version; all of these tests lie in one folder. */
export const digestOf = (version: string): string => `ab${sha256Hex(version).slice(2)}`;

/** A release of one file, as of a time. */
export function releaseOf(version: string, at: string, status: ReleaseV1["status"] = "published"): ReleaseV1 {
  const release = releaseDocument("notes", version, { status });
  const sha256 = digestOf(version);
  const artifacts = release.artifacts.map((row) => ({ ...row, sha256, storage_key: `ab/${sha256}` }));
  return { ...release, created_at: at, published_at: status === "published" ? at : null, artifacts };
}

/** Makes the world; nothing is sealed yet. */
export async function makeReleasesWorld(): Promise<ReleasesWorld> {
  const world = await makeGateWorld();
  const ground: GateGround = { ...world.ground, kinds: documentKinds };
  const now = () => ground.clock.now().getTime();
  const tip = () => tipOf(world.store);
  const view = () => openState(ground);
  const write = async (...writes: readonly Write[]) => {
    const event = { action: "app.updated", target: ["app", "notes"], metadata: {} } as const;
    const plan = () => ({ writes, events: [event], result: null });
    return orThrow(await transact(ground, world.act(), async () => null, plan)).commit;
  };
  const locationOf = (version: string, at: string) => ({
    driver: "file" as const,
    release_id: releaseOf(version, at).id,
    asset_id: null,
    asset_name: "notes.bin",
    url: null,
    verified_at: at,
  });
  const publish = async (...versions: readonly string[]) => {
    const at = timestamp(new Date(now()));
    const writes = versions.flatMap((version): readonly Write[] => {
      const document: ArtifactV1 = {
        schema: "artifact.v1",
        sha256: digestOf(version),
        size_bytes: 1,
        first_seen_at: at,
        inspection: { kind: "opaque", inspector_version: 1, facts: {}, checks: [] },
        locations: [locationOf(version, at)],
      };
      return [
        { name: "release.v1", key: releaseKey("notes", version, null), document: releaseOf(version, at) },
        { name: "artifact.v1", key: artifactKey(document.sha256), document },
      ];
    });
    await write(...writes);
  };
  const see = async (version: string) => {
    world.pass(24 * 60);
    // The decision anchors a commit of its own day.
    await write({ name: "app.v1", key: { slug: "notes" }, document: appDocument("notes", `Owner of ${now()}`) });
    await decide({ ...world, ground }, version);
  };
  const at = timestamp(new Date(now()));
  await write({ name: "app.v1", key: { slug: "notes" }, document: appDocument("notes") });
  await publish("1.0.0", "1.0.1", "1.1.0", "1.2.0", "1.10.0");
  await write({
    name: "release.v1",
    key: releaseKey("notes", "1.0.2", null),
    document: releaseOf("1.0.2", at, "draft"),
  });
  await see("1.1.0");
  await publish("2.0.0");
  const made = new Map(world.repository.branches);
  const madeAt = now();
  const sealOn = async (on: GateGround) =>
    orThrow(await sealFacts(on, world.act(), { before: null, dryRun: false })).result;
  const reset = () => {
    world.repository.branches.clear();
    for (const [branch, oid] of made) world.repository.branches.set(branch, oid);
    world.cache.files.clear();
    world.pass((madeAt - now()) / 60_000);
  };
  return {
    ...world,
    ground,
    tip,
    view,
    write,
    publish,
    see,
    reset,
    seal: (on = ground) => sealOn(on),
    async located(version, more = {}) {
      const document = await (await view()).find("artifact.v1", artifactKey(digestOf(version)));
      if (document === undefined) throw new Error("no record");
      const locations = [...document.locations, locationOf("2.0.0", timestamp(new Date(now())))];
      return {
        name: "artifact.v1",
        key: artifactKey(digestOf(version)),
        document: { ...document, locations, ...more },
      };
    },
    async forge(edit, editEvent = (event) => event) {
      const branches = new Map(world.repository.branches);
      const before = await tip();
      await sealOn(ground);
      const files: Files = {};
      let event: AuditEventV1 | undefined;
      for await (const { path, after } of world.store.diff(before, await tip())) {
        const [bytes] = after === null ? [null] : await bytesOf(world, after);
        if (path.endsWith(".json") && bytes) event = schemas.parse("audit-event.v1", bytes, path);
        else files[path] = bytes ?? null;
      }
      for (const [branch, oid] of branches) world.repository.branches.set(branch, oid);
      world.cache.files.clear();
      if (event === undefined) throw new Error("nothing was sealed");
      edit(files);
      const told = editEvent({ ...event, metadata: { ...event.metadata, segments: segmentsIn(files) } });
      const { created_at: time, id } = told;
      const [date = "", clock = ""] = time.split("T");
      const path = `audit/${date.replaceAll("-", "/")}/${clock.slice(0, 2)}/${clock.slice(3, 5)}/${id}.json`;
      return commitFiles(world.store, { ...files, [path]: printed(told) });
    },
    async broken({ full = true, store = world.store } = {}) {
      const on = { ...ground, store };
      const result = await verifyRepository(on, {
        version: "test",
        rules: verifyRules,
        checks: verifyChecks(on),
        ending: () => [],
        full,
        progress: () => undefined,
      });
      const missing = result.missing.map(({ message }) => `missing ${message}`);
      return [...missing, ...result.violations.map(({ rule, path }) => `${rule} ${path ?? "-"}`)];
    },
  };
}

async function bytesOf({ store }: GateWorld, oid: Oid): Promise<readonly Uint8Array[]> {
  return (await collect(store.blobs([[oid]]))).flat().map(({ bytes }) => bytes);
}

function segmentsIn(files: Files) {
  return Object.entries(files).flatMap(([path, content]) => {
    const bytes = Buffer.from(content ?? "");
    return path.endsWith(".ndjson") && content !== null
      ? [{ path, documents: linesOf(bytes), sha256: sha256Hex(bytes) }]
      : [];
  });
}
