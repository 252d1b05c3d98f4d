import type { Actor } from "../src/kernel/act.ts";
import type { ArtifactStore } from "../src/ports/artifact-store.ts";
import type { PrintZip } from "../src/ports/archives.ts";
import type { Bundles } from "../src/ports/bundles.ts";
import type { Forge } from "../src/ports/forge.ts";
import type { Acts, Clock, Entropy } from "../src/ports/clock.ts";
import type { Assets, Files, Folder } from "../src/ports/files.ts";
import type { ForgeSettings } from "../src/ports/forge-settings.ts";
import type { GitStore } from "../src/ports/git-store.ts";
import type { Intake } from "../src/ports/intake.ts";
import type { Log } from "../src/ports/log.ts";
import type { Keys } from "../src/ports/signer.ts";
import type { LookAround } from "../src/ports/surroundings.ts";
import type { SqlEngine } from "../src/ports/sql.ts";
import type { Schemas } from "../src/schema/schemas.ts";
import type { GateGround } from "../src/gate/ground.ts";
import type { Prompt } from "./prompt.ts";
import type { Snapshot, SnapshotGround } from "../src/state/snapshot/open.ts";

/** Who is asking, decided once: a token that was checked, or the git identity (self-declared, `verified: false`). */
export interface Asker {
  /** Raw token of `--token`, to be checked by access on every write; undefined where none was given. */
  readonly token: string | undefined;
  /** Actor without a token: CI run or git identity. */
  readonly actor: Actor;
}

/** A repository on GitHub: who owns it, its name, and the addresses of API and pages, without a slash at the end. */
export interface GithubPlace {
  readonly owner: string;
  readonly repo: string;
  readonly apiUrl: string;
  readonly serverUrl: string;
}

/** The repository that a run works on. */
export interface RepositoryAt {
  /** A path, or the address of a remote. */
  readonly location: string;
  /** Where its objects and branches lie on this disk; null for an address. */
  readonly gitDir: string | null;
  /** Top of its work tree; null in a bare repository and for an address. */
  readonly workTree: string | null;
  /** Its place on GitHub; null where it is elsewhere, or where no token lets us ask GitHub. */
  readonly github: GithubPlace | null;
  /** True where this run made it. */
  readonly made: boolean;
}

/** Everything outside that a command may need, built lazily by cli/compose.ts; a command gets only what it names. */
export interface World {
  /** Store, kinds, decision kinds, schemas, clock, cache: what use cases on both branches need. */
  readonly ground: GateGround;
  /** The ground, made when it is asked for: a list reads documents only where something waits. */
  readonly openGround: () => Promise<GateGround>;
  /** The bare git store, for commands that work before branches exist. */
  readonly store: GitStore;
  readonly repository: RepositoryAt;
  /** Looks for what in the repository on disk goes by the name of our branches, or changes what git shows of them. */
  readonly lookAround: LookAround;
  /** Settings of the repository on its forge; null where it is on none. */
  readonly forgeSettings: ForgeSettings | null;
  /** The store, opened when it is asked for: a repository may be made only once it is known what for. */
  readonly openStore: () => Promise<GitStore>;
  readonly openBundles: () => Promise<Bundles>;
  readonly printZip: PrintZip;
  /** From now on memory grows by a fixed share of what is used, however fast the machine is. */
  readonly growSlowly: () => void;
  readonly artifacts: ArtifactStore;
  /** The artifact store, opened when it is asked for: where the bytes are may not be known where nobody wants them. */
  readonly openArtifacts: () => Promise<ArtifactStore>;
  /** Pull requests; null where proposals are branches only. */
  readonly forge: Forge | null;
  readonly intake: Intake;
  readonly keys: Keys;
  readonly schemas: Schemas;
  readonly sql: SqlEngine;
  /** The up-to-date snapshot, for lists and queries; a warm one loads neither schemas nor decisions. */
  readonly openSnapshot: () => Promise<Snapshot>;
  /** What that snapshot is made from, for commands that build, publish or check it. */
  readonly snapshotGround: SnapshotGround;
  readonly files: Files;
  readonly cache: Folder;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly acts: Acts;
  readonly asker: Asker;
  readonly assets: Assets;
  readonly env: ReadonlyMap<string, string>;
  readonly log: Log;
  readonly prompt: Prompt;
}
