import type { Refused } from "../../kernel/errors.ts";
import type { DistChannelListResultV1 } from "../../schema/types.gen.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import { asOfTips } from "./as-of.ts";
import { channelRows, problemWarnings } from "./channel-rows.ts";
import { checkApp } from "./names.ts";
import { openPointers, type ProposalsGround } from "./open-proposals.ts";
import type { Told } from "./told.ts";
import { unhonouredWarnings } from "./unhonoured.ts";

/** Lists the channels of an app, or of every app, with their rules and what waits for them. */
export async function listChannels(
  { database, asOf }: Snapshot,
  on: ProposalsGround,
  app: string | null,
): Promise<Told<DistChannelListResultV1> | Refused> {
  const unknown = checkApp(database, app);
  if (unknown !== null) return unknown;
  const open = await openPointers(on);
  const channels = channelRows(database, { app, name: null }, open);
  return {
    result: { schema: "dist-channel-list-result.v1", app, channels, as_of: asOfTips(asOf) },
    warnings: [...unhonouredWarnings(database), ...problemWarnings(channels), ...open.warnings],
  };
}
