import type { Oid } from "../kernel/oid.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { Folder } from "../ports/files.ts";
import type { Forge } from "../ports/forge.ts";
import type { Signer } from "../ports/signer.ts";
import type { Ground } from "../state/transact.ts";
import type { AnyDecisionKind } from "./decision-kind.ts";

/** What use cases on decisions need besides the ground of facts. */
export interface GateGround extends Ground {
  readonly decisionKinds: readonly AnyDecisionKind[];
  /** Cache folder of this repository: pinned root, remembered tips, folded views. */
  readonly cache: Folder;
  /** Root that `--root` or `.waybill.json` names; null where only the cache can know. */
  readonly root: Oid | null;
  /** Where proposals are pull requests; absent on a bare repository, where a proposal is its branch. */
  readonly forge?: Forge;
  /** Says what is stored of a release now, so that a verdict does not rest on what a forge said once; absent where nobody is asked. */
  readonly artifacts?: Pick<ArtifactStore, "driver" | "stat">;
  /** Signs evidence, where this run holds the key of an attestor that policy may name. */
  readonly attestor?: Signer;
  /** Version of the tool; folded views are remembered for the same version only, and not at all without one. */
  readonly version?: string;
}

/** The part of the ground that reading decisions needs. */
export type DecisionsGround = Pick<
  GateGround,
  "store" | "schemas" | "kinds" | "decisionKinds" | "cache" | "root" | "version"
>;
