import { type Reason, reason, type Refused, refuse } from "../kernel/errors.ts";
import type { Decisions } from "../gate/core/decisions.ts";
import type { View } from "../state/view.ts";
import { versionText } from "./core/release-path.ts";
import { noSuchRelease } from "./find-release.ts";
import { gatedHistory, type KnownRelease, releaseAt, unusable } from "./pointers.ts";
import { channelNames } from "./wish.ts";

/** Reads the release again on the facts of the operation, and says why it may not be pointed at. */
export async function promotable(
  facts: View,
  decisions: Decisions,
  named: Pick<KnownRelease, "release">,
): Promise<KnownRelease | Refused> {
  const { app_id, version, build, id } = named.release;
  const known = await releaseAt(facts, app_id, version, build);
  if (known === undefined) return noSuchRelease(id);
  const problem = await notPromotable(facts, decisions, known);
  return problem === null ? known : refuse(problem);
}

/** Says why a channel may not be pointed at a release; null where it may. */
export async function notPromotable(facts: View, decisions: Decisions, known: KnownRelease): Promise<Reason | null> {
  return (await unusable(facts, decisions, known.release)) ?? rewritten(facts, decisions, known);
}

/** A release that any channel was pointed at is still the one it was then. */
async function rewritten(facts: View, decisions: Decisions, { release, digest }: KnownRelease): Promise<Reason | null> {
  const app = release.app_id;
  const names = await channelNames(facts, decisions, app);
  const keys = names.map((channel) => ({ app, channel }));
  const auto = (await facts.findAll("channel-pointer.v1", keys)).flatMap((pointer) => pointer ?? []);
  const gated = names.flatMap((name) => gatedHistory(decisions, app, name).map(({ document }) => document));
  const other = [...auto, ...gated].find((one) => one.release_id === release.id && one.release_digest !== digest);
  if (other === undefined) return null;
  const message = `The document of ${app} ${versionText(release)} is not the one that ${other.channel} was pointed at`;
  const data = { release_id: release.id, expected: other.release_digest, found: digest };
  return reason("release.digest_mismatch", message, data, "waybill state verify");
}
