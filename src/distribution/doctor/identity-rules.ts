import { own } from "../../gate/core/requirement.ts";
import type { ReleaseV1 } from "../../schema/types.gen.ts";
import type { View } from "../../state/view.ts";
import { factsOf } from "../core/artifact-facts.ts";
import { identityRule, judgeIdentity } from "../core/identity.ts";
import { artifactKey } from "../documents.ts";
import { findApp } from "../find-release.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { warn } from "./symptoms.ts";

/** Every platform whose newest artifact has an id has a rule that says which one it must be. */
export const identityRules: DoctorCheck = {
  id: "identity.rules",
  title: "Every app says which ids its artifacts must have",
  async run({ facts, history, releases }) {
    const [view, { decisions }] = await Promise.all([facts(), history()]);
    const symptoms: Symptom[] = [];
    for (const [slug, all] of await releases()) {
      const settings = own(decisions.policy.document.apps, slug);
      const policy = typeof settings === "object" ? settings.identity : undefined;
      symptoms.push(...(await unruledOf(view, slug, newestRows(all), policy)));
    }
    return symptoms;
  },
};

/** The newest published row of each platform. */
function newestRows(releases: readonly ReleaseV1[]): ReleaseV1["artifacts"] {
  const rows = releases.flatMap(({ status, artifacts }) => (status === "published" ? artifacts : []));
  return [...new Map(rows.toReversed().map((row) => [row.platform, row])).values()];
}

async function unruledOf(
  facts: View,
  slug: string,
  rows: ReleaseV1["artifacts"],
  policy: Parameters<typeof identityRule>[0],
): Promise<readonly Symptom[]> {
  const app = await findApp(facts, slug);
  if (app === undefined) return [];
  const unruled = rows.filter(({ platform }) => identityRule(policy, app, platform) === null);
  const records = await facts.findAll(
    "artifact.v1",
    unruled.map(({ sha256 }) => artifactKey(sha256)),
  );
  return unruled.flatMap(({ platform, filename }, i) => {
    const known = factsOf(records[i]?.inspection.facts ?? {});
    const { warnings } = judgeIdentity(null, { app, platform, filename, at: "", facts: known });
    return warnings.map(({ message, hints }) => warn(`${slug}: ${message}`, hints[0] ?? null));
  });
}
