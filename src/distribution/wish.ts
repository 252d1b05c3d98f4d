import { type Reason, reason } from "../kernel/errors.ts";
import { nearest } from "../kernel/nearest.ts";
import { isOneLine, printable } from "../kernel/text.ts";
import type { Decisions } from "../gate/core/decisions.ts";
import { channelsOf } from "../gate/core/requirement.ts";
import type { View } from "../state/view.ts";
import { CHANNEL } from "./core/manifest.ts";

const MAX_REASON_LENGTH = 2000;

/** Says why a reason cannot be kept; null where it can. */
export function reasonProblem(text: string): Reason | null {
  if (text !== "" && text.length <= MAX_REASON_LENGTH && isOneLine(text)) return null;
  return reason("usage.invalid_argument", "--reason is one line of text, at most 2000 characters");
}

/** Says why a channel cannot have a name; null where it can. */
export function channelProblem(name: string): Reason | null {
  if (CHANNEL.takes(name)) return null;
  return reason("usage.invalid_argument", `A channel is ${CHANNEL.says}`, { channel: printable(name) });
}

/** Says why a percentage is none; null where it is. */
export function rolloutProblem(percent: number): Reason | null {
  if (Number.isInteger(percent) && percent >= 0 && percent <= 100) return null;
  return reason("usage.invalid_argument", "--rollout is a whole percentage, 0 to 100", { rollout: percent });
}

/** Names of channels that an app has: those that policy mentions and those with a pointer. */
export async function channelNames(facts: View, decisions: Decisions, app: string): Promise<readonly string[]> {
  const auto = (await facts.names(`dist/apps/${app}/channels`)).map((name) => name.replace(/\.json$/, ""));
  const prefix = `channels/${app}/`;
  const gated = decisions.list(prefix).map(({ path }) => path.slice(prefix.length).replace(/\.json$/, ""));
  return [...new Set([...channelsOf(decisions.policy.document, app), ...auto, ...gated])];
}

/** Says that an app has no channel of a name, with the nearest one that it has; null where it has it. */
export async function unknownChannel(
  facts: View,
  decisions: Decisions,
  app: string,
  name: string,
): Promise<Reason | null> {
  const names = await channelNames(facts, decisions, app);
  if (names.includes(name)) return null;
  const meant = nearest(name, names);
  const hint = meant === undefined ? `dist channel list --app ${app}` : `Did you mean ${meant}?`;
  return reason(
    "channel.not_found",
    `${app} has no channel ${printable(name)}`,
    { app, channel: printable(name) },
    hint,
  );
}
