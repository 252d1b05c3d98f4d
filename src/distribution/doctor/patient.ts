import { timestamp } from "../../kernel/time.ts";
import type { ArtifactStore } from "../../ports/artifact-store.ts";
import type { Assets, Files } from "../../ports/files.ts";
import type { ForgeSettings } from "../../ports/forge-settings.ts";
import type { Log } from "../../ports/log.ts";
import type { GateGround } from "../../gate/ground.ts";
import { loadHistory } from "../../gate/view/view.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import { openState } from "../../state/transact.ts";
import { releasesOf } from "../all-releases.ts";
import { slugsOf } from "../find-release.ts";
import type { Patient } from "./check.ts";

/** What an examination needs. */
export interface DoctorGround {
  readonly ground: GateGround;
  readonly artifacts: ArtifactStore;
  readonly openSnapshot: () => Promise<Snapshot>;
  readonly log: Log;
  readonly files: Files;
  readonly assets: Assets;
  readonly forgeSettings: ForgeSettings | null;
  /** Where the repository lies on this disk; null for an address. */
  readonly repository: { readonly gitDir: string | null };
}

/** Prepares a repository for its checks; reads nothing yet. */
export function patientOf(
  { ground, files, forgeSettings, repository: { gitDir }, ...on }: DoctorGround,
  rehash: boolean,
): Patient {
  const facts = once(() => openState(ground));
  return {
    ...on,
    ground,
    at: timestamp(ground.clock.now()),
    rehash,
    forge: forgeSettings && remembered(forgeSettings),
    refsAt: gitDir === null ? null : { files, gitDir },
    history: once(() => loadHistory(ground)),
    facts,
    releases: once(async () => {
      const view = await facts();
      const slugs = await slugsOf(view);
      return new Map(await Promise.all(slugs.map(async (slug) => [slug, await releasesOf(view, slug)] as const)));
    }),
  };
}

/** Asks a forge only once for what several checks look at. */
function remembered(settings: ForgeSettings): ForgeSettings {
  const rules = new Map<string, ReturnType<ForgeSettings["rules"]>>();
  return {
    ...settings,
    repository: once(() => settings.repository()),
    rules(branch) {
      const found = rules.get(branch) ?? settings.rules(branch);
      rules.set(branch, found);
      return found;
    },
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  return () => (found ??= read());
}
