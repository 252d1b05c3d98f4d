import { reason, type Refused, refuse } from "../../kernel/errors.ts";
import type { DistAppShowResultV1 } from "../../schema/types.gen.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import { openState } from "../../state/transact.ts";
import { countReleases } from "./apps.ts";
import { asOfTips } from "./as-of.ts";
import { channelRows, problemWarnings } from "./channel-rows.ts";
import { checkApp } from "./names.ts";
import { openPointers, type ProposalsGround } from "./open-proposals.ts";
import type { Told } from "./told.ts";
import { unhonouredWarnings } from "./unhonoured.ts";

/** Shows an app: its document and its channels. */
export async function showApp(
  { database, asOf }: Snapshot,
  on: ProposalsGround,
  slug: string,
): Promise<Told<DistAppShowResultV1> | Refused> {
  const unknown = checkApp(database, slug);
  if (unknown !== null) return unknown;
  const facts = await openState(await on.openGround(), asOf.state);
  const app = await facts.find("app.v1", { slug });
  if (app === undefined) return refuse(reason("app.not_found", `The document of ${slug} cannot be read`));
  const open = await openPointers(on);
  const channels = channelRows(database, { app: slug, name: null }, open);
  return {
    result: {
      schema: "dist-app-show-result.v1",
      app,
      channels,
      releases: countReleases(database, slug),
      as_of: asOfTips(asOf),
    },
    warnings: [...unhonouredWarnings(database), ...problemWarnings(channels), ...open.warnings],
  };
}
