import { SNAPSHOT } from "../../state/branches.ts";
import { publishedTips } from "../../state/snapshot/publish.ts";
import type { DoctorCheck } from "./check.ts";
import { warn } from "./symptoms.ts";

/** The snapshot of this user opens, holds every document, and the published one shows the tips. */
export const snapshotAge: DoctorCheck = {
  id: "snapshot.age",
  title: "The snapshot is up to date and holds every document",
  async run({ ground: { store }, openSnapshot }) {
    const { database, asOf, warnings } = await openSnapshot();
    database.close();
    const left = warnings.map(({ message, hints }) => warn(`Left out of lists: ${message}`, hints[0] ?? null));
    const head = await store.head(SNAPSHOT);
    if (head === null) return left;
    const published = await publishedTips(store, head);
    if (published?.state === asOf.state && published.decisions === asOf.decisions) return left;
    const message = `${SNAPSHOT} is older than the branches it shows`;
    return [...left, warn(message, "waybill snapshot publish")];
  },
};
