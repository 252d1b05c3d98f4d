import { join } from "node:path";
import { ToolError } from "../../src/kernel/errors.ts";
import { isData } from "../../src/kernel/json.ts";
import { isOid, type Oid } from "../../src/kernel/oid.ts";
import { decodeUtf8 } from "../../src/kernel/text.ts";
import type { GithubClient } from "../../src/platform/github/client.ts";
import { nodeFiles } from "../../src/platform/node-files.ts";
import type { ArtifactStore } from "../../src/ports/artifact-store.ts";
import type { Schemas } from "../../src/schema/schemas.ts";
import type { GateGround } from "../../src/gate/ground.ts";
import { DECISIONS } from "../../src/state/branches.ts";
import type { SnapshotGround } from "../../src/state/snapshot/open.ts";
import type { Args } from "../command.ts";
import type { RepositoryAt } from "../world.ts";
import { attestorOf } from "./asker.ts";
import { documentKinds } from "./kinds.ts";
import type { MachineParts, RepositoryParts } from "./world-with.ts";

const CONFIG = ".waybill.json";
const MAX_CONFIG_BYTES = 65_536;

/** Joins what use cases on both branches need. */
export async function groundOf(
  parts: MachineParts & RepositoryParts,
  given: RootFrom & { readonly secrets: readonly string[]; readonly version: string },
): Promise<GateGround> {
  const { decisionKinds } = await import("./decision-kinds.ts");
  const forge = await parts.forge();
  const attestor = await attestorOf(await parts.files(), await parts.env());
  const ground: GateGround = {
    store: await parts.store(),
    cache: await parts.cache(),
    clock: await parts.clock(),
    schemas: await parts.schemas(),
    kinds: documentKinds,
    decisionKinds,
    secrets: given.secrets,
    version: given.version,
    root: await rootOf(await parts.repository(), given, parts.schemas),
    ...(forge === null ? {} : { forge, ...storedAt(await parts.artifacts()) }),
    ...(attestor === null ? {} : { attestor }),
  };
  return { ...ground, rewrites: () => rewritesOf(ground) };
}

async function rewritesOf(ground: GateGround) {
  const { allowedRewrites } = await import("../../src/gate/view/view.ts");
  return allowedRewrites(ground);
}

/** A verdict asks a forge what it holds; files on this disk are read by `dist artifact verify`. */
function storedAt(artifacts: ArtifactStore): Pick<GateGround, "artifacts"> {
  return artifacts.repository === null ? {} : { artifacts };
}

/** Where the root of decisions may be pinned besides the cache. */
export interface RootFrom {
  readonly root: Args[string];
  readonly client: () => Promise<GithubClient | null>;
}

/** Root of the decisions as `--root` gives it, else as `.waybill.json` of the clone's work tree or of the forge's default branch does. */
async function rootOf(repository: RepositoryAt, given: RootFrom, schemas: () => Promise<Schemas>): Promise<Oid | null> {
  if (typeof given.root === "string") {
    if (isOid(given.root)) return given.root;
    throw new ToolError("usage.invalid_argument", "--root needs a full commit id, 40 or 64 hex digits", {
      hints: ["It comes from elsewhere: a colleague, a release page, .waybill.json of the code"],
    });
  }
  const path = repository.workTree === null ? CONFIG : join(repository.workTree, CONFIG);
  const bytes = repository.workTree === null ? await configOnForge(repository, given) : await configAt(path);
  if (bytes === null) return null;
  const value = jsonOf(decodeUtf8(bytes, path), path);
  return pinnedIn(value) ?? pinnedIn((await schemas()).check("waybill-config.v1", value, path));
}

async function configAt(path: string): Promise<Uint8Array | null> {
  const files = nodeFiles();
  return (await files.stat(path)) === null ? null : files.read(path, MAX_CONFIG_BYTES);
}

/** Without a clone the file is read from the default branch. A forge that cannot be asked must not look like one without a pin. */
async function configOnForge({ gitDir }: RepositoryAt, { client }: RootFrom): Promise<Uint8Array | null> {
  const asked = gitDir === null ? await client() : null;
  if (asked === null) return null;
  const { readFile } = await import("../../src/platform/github/read-file.ts");
  return readFile(asked, CONFIG, MAX_CONFIG_BYTES);
}

/** Root of a file as `init` writes it; only another one is worth loading the schemas, which say what is wrong with it. */
function pinnedIn(value: unknown): Oid | null {
  if (!isData(value) || value["schema"] !== "waybill-config.v1" || Object.keys(value).length !== 2) return null;
  const { root } = value;
  return typeof root === "string" && isOid(root) ? root : null;
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ToolError("schema.invalid", `${path} is no JSON`, { data: { path }, cause });
  }
}

/** What opening a snapshot needs; schemas and decisions are loaded only where the cached one is not up to date. */
export async function snapshotGroundOf(
  parts: MachineParts & RepositoryParts,
  ground: () => Promise<GateGround>,
  version: () => Promise<string>,
  given: RootFrom,
): Promise<SnapshotGround> {
  const [sql, store] = await Promise.all([parts.sql(), parts.store()]);
  return {
    store,
    cache: await parts.cache(),
    sql,
    kinds: documentKinds,
    version: await version(),
    root: await rootOf(await parts.repository(), given, parts.schemas),
    schemas: parts.schemas,
    rewrites: async () => rewritesOf(await ground()),
    checkpoint: async (view, tip) => {
      const { vouchedFor } = await import("../../src/gate/upkeep/checkpoint.ts");
      return vouchedFor(await ground(), view, tip);
    },
    decisions: async () => {
      if ((await store.head(DECISIONS)) === null) return null;
      const { loadDecisions } = await import("../../src/gate/view/view.ts");
      return loadDecisions(await ground());
    },
  };
}
