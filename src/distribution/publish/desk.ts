import type { ArtifactStore } from "../../ports/artifact-store.ts";
import type { Files } from "../../ports/files.ts";
import type { Intake } from "../../ports/intake.ts";
import type { Log } from "../../ports/log.ts";
import type { ReleaseSource, RequestedRun } from "../../schema/types.gen.ts";
import type { Desk, FindSigner } from "../desk.ts";

/** What publishing needs besides both branches: files to read, a place to store them. */
export interface PublishDesk extends Desk {
  readonly artifacts: ArtifactStore;
  readonly intake: Intake;
  readonly files: Files;
  readonly log: Log;
}

/** What a publish is asked for besides its manifest. */
export interface PublishWish {
  readonly manifest: string;
  /** Gives up an unfinished publish of other bytes without waiting. */
  readonly takeOver: boolean;
  readonly source: ReleaseSource;
  /** The workflow run that asks, for the proposal of a gated channel. */
  readonly requestedRun: RequestedRun | null;
  readonly signer: FindSigner;
}
