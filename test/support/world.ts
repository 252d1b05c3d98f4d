import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Prompt } from "../../cli/prompt.ts";
import type { World } from "../../cli/world.ts";
import { decisionKinds } from "../../cli/compose/decision-kinds.ts";
import { documentKinds } from "../../cli/compose/kinds.ts";
import { ToolError } from "../../src/kernel/errors.ts";
import { actsOf } from "../../src/platform/acts.ts";
import { fileArtifactStore } from "../../src/platform/file-artifact-store.ts";
import { inProcessIntake } from "../../src/platform/intake/in-process.ts";
import { createMemoryGitStore } from "../../src/platform/memory/git-store.ts";
import { nodeAssets, nodeFiles } from "../../src/platform/node-files.ts";
import { nodeFolder } from "../../src/platform/node-folder.ts";
import { printZip } from "../../src/platform/zip-print.ts";
import { sqlJsEngine } from "../../src/platform/sql-js.ts";
import type { Clock, Entropy } from "../../src/ports/clock.ts";
import { loadSchemas } from "../../src/schema/documents.ts";
import { loadDecisions } from "../../src/gate/view/view.ts";
import { DECISIONS } from "../../src/state/branches.ts";
import { openSnapshot } from "../../src/state/snapshot/open.ts";

/** The moment at which tests happen, unless they say another. */
export const TEST_NOW = "2026-11-19T11:40:00Z";

/** A clock that stands still until it is told to go on; a wait moves it. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

/** Makes a clock that starts at a time. */
export function clockAt(start: string = TEST_NOW): TestClock {
  let ms = Date.parse(start);
  return {
    now: () => new Date(ms),
    sleep: async (wait) => {
      ms += wait;
    },
    advance: (by) => {
      ms += by;
    },
  };
}

/** Bytes that look random and are the same in every run. */
export function countingEntropy(): Entropy {
  let n = 0;
  return {
    bytes(length) {
      n += 1;
      return Uint8Array.from({ length }, (_, i) => (n * 97 + i * 31 + ((n * i) % 251)) & 255);
    },
  };
}

/** A world for tests: branches in memory, a clock that stands still, counted ids, and a folder on disk for files, artifacts and cache. */
export interface TestWorld extends World {
  readonly clock: TestClock;
  /** Temporary folder of this test; removed at its end. */
  readonly folder: string;
  /** What the log said. */
  readonly said: string[];
}

/** Makes a world; parts that a test gives replace ours. */
export function makeWorld(given: Partial<World> & { readonly clock?: TestClock } = {}): TestWorld {
  const folder = mkdtempSync(join(tmpdir(), "waybill-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = given.clock ?? clockAt();
  const entropy = given.entropy ?? countingEntropy();
  const said: string[] = [];
  const schemas = given.schemas ?? loadSchemas();
  const store = given.store ?? createMemoryGitStore({ clock, random: () => 0.5 });
  const cache = given.cache ?? nodeFolder(join(folder, "cache"));
  const sql = given.sql ?? sqlJsEngine();
  const artifacts = fileArtifactStore(join(folder, "artifacts"), { now: () => clock.now().getTime() });
  const prompt: Prompt = { ask: async () => null, say: () => undefined };
  const ground = { store, cache, clock, schemas, kinds: documentKinds, decisionKinds, secrets: [], root: null };
  const snapshotGround = {
    ...ground,
    sql,
    version: "test",
    schemas: async () => schemas,
    decisions: async () => ((await store.head(DECISIONS)) === null ? null : loadDecisions(ground)),
  };
  return {
    ground,
    openGround: async () => ground,
    store,
    cache,
    schemas,
    sql,
    entropy,
    prompt,
    acts: actsOf(clock, entropy, "req_test"),
    forge: null,
    repository: { location: "memory:", gitDir: null, workTree: null, github: null, made: false },
    lookAround: async () => null,
    forgeSettings: null,
    artifacts,
    openArtifacts: async () => given.artifacts ?? artifacts,
    openStore: async () => store,
    openBundles: async () => {
      throw new ToolError("internal.bug", "This test has no repository on disk");
    },
    printZip,
    growSlowly: () => undefined,
    asker: { token: undefined, actor: { kind: "human", name: "alice", id: "git:alice", verified: false } },
    assets: nodeAssets(dirname(dirname(dirname(fileURLToPath(import.meta.url))))),
    env: new Map(),
    files: nodeFiles(),
    intake: inProcessIntake(),
    keys: {
      configured: async () => null,
      signer: async () => null,
      list: async () => [],
      create: async () => {
        throw new ToolError("internal.bug", "This test has no keys");
      },
    },
    log: {
      note: (text) => said.push(text),
      detail: () => undefined,
      task: () => ({ step: () => undefined, end: () => undefined }),
    },
    snapshotGround,
    openSnapshot: () => openSnapshot(snapshotGround),
    ...given,
    clock,
    folder,
    said,
  };
}
