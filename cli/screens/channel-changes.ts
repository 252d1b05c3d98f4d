import type {
  DistChannelHoldResultV1,
  DistChannelSetResultV1,
  DistChannelUnholdResultV1,
} from "../../src/schema/types.gen.ts";
import { nextOf } from "../moving.ts";
import type { Block, Screen } from "../screen.ts";
import { ruleText } from "./rule-text.ts";
import { labelOf, proposalBlocks, proposalText } from "./moves.ts";

const ROLLBACK_HOLD: Block = {
  kind: "line",
  label: "Note",
  parts: ["a rollback holds this channel too; that ends when a person promotes"],
};

/** The screen of `dist channel hold`. */
export function holdScreen({ app, channel, changed, planned, reason, rollback_hold }: DistChannelHoldResultV1): Screen {
  const label = changed ? (planned ? "Planned" : "Held") : "Unchanged";
  return {
    blocks: [
      { kind: "line", label, parts: [`${app}/${channel}`, reason ?? "", "automation stops, a person may promote"] },
      ...(rollback_hold ? [ROLLBACK_HOLD] : []),
    ],
    next: [`dist channel unhold ${channel} --app ${app}`],
  };
}

/** The screen of `dist channel unhold`. */
export function unholdScreen({ app, channel, changed, planned, rollback_hold }: DistChannelUnholdResultV1): Screen {
  const label = changed ? (planned ? "Planned" : "Let go") : "Unchanged";
  const said = changed ? "automation may promote again" : "nobody held it";
  return {
    blocks: [
      { kind: "line", label, parts: [`${app}/${channel}`, rollback_hold ? "" : said] },
      ...(rollback_hold ? [ROLLBACK_HOLD] : []),
    ],
  };
}

/** The screen of `dist channel set`. */
export function setScreen(result: DistChannelSetResultV1, now: Date): Screen {
  const { app, channel, status, proposal, planned, rule } = result;
  const said = status === "unchanged" ? ["policy says so already"] : [];
  return {
    blocks: [
      {
        kind: "line",
        ...labelOf(status, planned),
        parts: [`${app}/${channel}`, ...proposalText(proposal, status, now), ...said],
      },
      { kind: "line", label: "Rule", parts: [ruleText(rule)], wraps: true },
      ...proposalBlocks("policy has not changed; it changes", result),
    ],
    ...(proposal === null || planned ? {} : { next: nextOf(proposal, result.verdict) }),
  };
}
