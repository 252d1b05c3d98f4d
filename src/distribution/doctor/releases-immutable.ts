import { onForge, whereSaid } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { warn } from "./symptoms.ts";

/** What is published on GitHub stays as it was published. */
export const releasesImmutable: DoctorCheck = onForge({
  id: "releases.immutable",
  title: "Published releases are immutable on GitHub",
  run: (forge) =>
    whereSaid(forge.immutableReleases(), (setting) =>
      setting === "off"
        ? [
            warn(
              "Whoever may write can replace assets and tags of published releases; readers notice by digest, but cannot undo it",
              `${forge.url}/settings: Releases, "Enable release immutability"; it holds for releases published from then on`,
            ),
          ]
        : [],
    ),
});
