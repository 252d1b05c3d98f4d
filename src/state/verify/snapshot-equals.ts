import type { Folder } from "../../ports/files.ts";
import type { SqlEngine } from "../../ports/sql.ts";
import { SNAPSHOT } from "../branches.ts";
import { buildSnapshot } from "../snapshot/build.ts";
import { readCached } from "../snapshot/cache.ts";
import { differingTables, digestTables } from "../snapshot/compare.ts";
import type { DecidedView } from "../snapshot/decided-view.ts";
import { schemaOf } from "../snapshot/schema.ts";
import type { VerifyCheck } from "./check.ts";

/** What comparing a snapshot needs. */
export interface SnapshotAt {
  readonly sql: SqlEngine;
  readonly cache: Folder;
  readonly version: string;
  readonly decisions: () => Promise<DecidedView | null>;
}

/**
 * `snapshot.differs`: the snapshot that this user's commands read has the rows of one built anew from the branches. Checked
 * where there is one of the tips.
 */
export function snapshotEquals(on: SnapshotAt): VerifyCheck {
  return {
    rules: ["snapshot.differs"],
    begin: async ({ ground, tip, report }) => ({
      async finish() {
        const schema = schemaOf(ground.kinds);
        const stored = await readCached(on.cache, { version: on.version, schema: schema.digest, root: null });
        const view = stored && (await on.decisions());
        if (stored === null || stored.asOf.state !== tip || stored.asOf.decisions !== (view?.tip ?? null)) return;
        const mine = await on.sql.open(stored.bytes, { readOnly: true });
        const rebuilt = await buildSnapshot(on.sql, { ...ground, state: tip, view });
        const tables = differingTables(digestTables(mine, schema), digestTables(rebuilt, schema));
        mine.close();
        rebuilt.close();
        if (tables.length === 0) return;
        report({
          rule: "snapshot.differs",
          branch: SNAPSHOT,
          commit: null,
          path: null,
          message: `the snapshot of this machine differs from the branches in ${tables.join(", ")}`,
          data: { tables },
          next: `remove ${on.cache.path}; it is made again from the branches`,
        });
      },
    }),
  };
}
