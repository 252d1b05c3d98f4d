import { byCodePoint } from "../../kernel/text.ts";
import type { Decisions } from "../../gate/core/decisions.ts";
import type { ChannelPointerV1 } from "../../schema/types.gen.ts";
import type { View } from "../../state/view.ts";
import { slugsOf } from "../find-release.ts";
import { channelNow } from "../pointers.ts";
import { channelNames } from "../retention-view.ts";
import type { Patient } from "./check.ts";

/** Pointers in force of all channels of all apps, by code point of app and channel. */
export async function placed({
  facts,
  history,
}: Pick<Patient, "facts" | "history">): Promise<readonly ChannelPointerV1[]> {
  const [view, { decisions }] = await Promise.all([facts(), history()]);
  const pointers: ChannelPointerV1[] = [];
  for (const app of await appsOf(view, decisions)) {
    for (const name of await channelNames(view, decisions, app)) {
      const { pointer } = await channelNow(view, decisions, app, name);
      if (pointer !== null) pointers.push(pointer);
    }
  }
  return pointers;
}

/** Apps of facts, and those that decisions alone name. */
async function appsOf(facts: View, decisions: Decisions): Promise<readonly string[]> {
  const decided = decisions.list("channels/").flatMap(({ path }) => path.split("/")[1] ?? []);
  return [...new Set([...(await slugsOf(facts)), ...decided])].toSorted(byCodePoint);
}
