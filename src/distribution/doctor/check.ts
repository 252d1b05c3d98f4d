import type { ArtifactStore } from "../../ports/artifact-store.ts";
import type { Assets } from "../../ports/files.ts";
import type { ForgeSettings } from "../../ports/forge-settings.ts";
import type { Log } from "../../ports/log.ts";
import type { ReleaseV1 } from "../../schema/types.gen.ts";
import type { LoadedDecisions } from "../../gate/view/view.ts";
import type { GateGround } from "../../gate/ground.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import type { View } from "../../state/view.ts";
import type { RefsAt } from "./local-refs.ts";

/** Something that is not in order, and the command or step that puts it right. */
export interface Symptom {
  readonly status: "warn" | "fail" | "unknown";
  readonly message: string;
  readonly fix: string | null;
}

/** The repository as checks look at it; each part is read once, by the first check that asks for it. */
export interface Patient {
  readonly ground: GateGround;
  readonly artifacts: ArtifactStore;
  /** Time of the examination. */
  readonly at: string;
  /** Reads the bytes of stored artifacts, beyond their sizes. */
  readonly rehash: boolean;
  readonly log: Log;
  /** Refs of the clone that the caller stands in; null for an address. */
  readonly refsAt: RefsAt | null;
  /** What the forge says of the repository; null where it is on none. */
  readonly forge: ForgeSettings | null;
  /** Files that ship with this version. */
  readonly assets: Assets;
  readonly openSnapshot: () => Promise<Snapshot>;
  readonly history: () => Promise<LoadedDecisions>;
  readonly facts: () => Promise<View>;
  /** Every release of every app, by slug, newest version first. */
  readonly releases: () => Promise<ReadonlyMap<string, readonly ReleaseV1[]>>;
}

/** One check: a file of this folder, a line in all.ts. It only reads. */
export interface DoctorCheck {
  /** Id of its findings, `<thing>.<property>`. */
  readonly id: string;
  /** What is so where it finds nothing. */
  readonly title: string;
  /** Tells whether there is anything to look at; a check that has nothing is left out, for it would say that all is well. */
  readonly applies?: (patient: Patient) => boolean;
  /** Answers what is not in order. What it could not find out it throws. */
  run(patient: Patient): Promise<readonly Symptom[]>;
}
