import { isRefused, type Reason, reason } from "../kernel/errors.ts";
import { resolveGovernance } from "../gate/core/requirement.ts";
import type { DecisionKind } from "../gate/decision-kind.ts";
import { referenceOf, versionText } from "./core/release-path.ts";
import type { YankV1 } from "../schema/types.gen.ts";
import { channelsOn } from "./channels-on.ts";
import { YANK_PATH } from "./channel-documents.ts";
import { describeYank } from "./describe-yank.ts";
import { readPointed } from "./pointers.ts";

/** Approvers were shown on which channels the release is. */
function channelsProblem(yank: YankV1, found: readonly string[]): readonly Reason[] {
  if (found.join() === yank.seen.channels.toSorted().join()) return [];
  const message = `it says that ${yank.app} ${versionText(yank)} is on ${listed(yank.seen.channels)}, and it is on ${listed(found)}`;
  const hint = `Propose it again: ${yankDecision.command?.(yank) ?? ""}`;
  return [reason("gate.merge.refused", message, { proposal_id: yank.proposal_id }, hint)];
}

function listed(channels: readonly string[]): string {
  return channels.length === 0 ? "no channel" : channels.join(", ");
}

/** The decision that withdraws a release: `gates/yank/<release id>.json`. Its bytes stay reachable by digest. */
export const yankDecision: DecisionKind<"yank.v1"> = {
  kind: "yank",
  schema: "yank.v1",
  path: YANK_PATH,
  keyOf: ({ release_id }) => ({ release: release_id }),
  title: (yank) => `Yank ${yank.app} ${versionText(yank)}`,
  command: (yank) => `dist release yank ${referenceOf(yank.app, yank)} --severity ${yank.severity} --reason "…"`,
  standing: (yank) => ({ subject: `${yank.app} ${versionText(yank)}`, value: `withdrawn, severity ${yank.severity}` }),
  describe: describeYank,
  requirement: (_, { policy }) => resolveGovernance(policy.document),
  rules: (yank) => [
    yank.replacement === yank.release_id
      ? { rule: "release", status: "refuse", message: "a release cannot replace itself" }
      : { rule: "release", status: "ok", message: versionText(yank) },
  ],
  async agrees(facts, yank, before) {
    const known = await readPointed(facts, { ...yank, channel: "the yank" });
    if (isRefused(known)) return known.refused;
    if (known.release.status === "published") return channelsProblem(yank, await channelsOn(facts, before, known));
    return [
      reason("release.not_published", `${yank.app} ${versionText(yank)} is not published`, {
        release_id: yank.release_id,
      }),
    ];
  },
  proposed: (yank) => ({
    action: "yank.proposed",
    target: ["proposal", yank.proposal_id],
    metadata: { app: yank.app, release_id: yank.release_id, version: yank.version, build: yank.build },
  }),
  afterMerge: (_, yank) =>
    Promise.resolve({
      writes: [],
      events: [
        {
          action: "release.yanked",
          target: ["release", yank.release_id],
          metadata: {
            app: yank.app,
            version: yank.version,
            build: yank.build,
            reason: yank.reason,
            severity: yank.severity,
            replacement: yank.replacement,
          },
        },
      ],
    }),
};
