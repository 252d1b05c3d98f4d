import type { Act } from "../kernel/act.ts";
import { isRefused, reason, type Refused, refuse } from "../kernel/errors.ts";
import { isAskedByPerson } from "../gate/propose/asked-by-person.ts";
import type { Decisions } from "../gate/core/decisions.ts";
import type { DecisionHeader } from "../gate/core/header.ts";
import type { GateGround } from "../gate/ground.ts";
import type { Proposed } from "../gate/propose/proposal.ts";
import { propose } from "../gate/propose/propose.ts";
import type { Signer } from "../ports/signer.ts";
import type { ChannelPointerV1, RequestedRun } from "../schema/types.gen.ts";
import type { View } from "../state/view.ts";
import { soakSource } from "./auto-channel.ts";
import { backwards, deniedBy } from "./auto-move.ts";
import { channelDecision } from "./channel-decision.ts";
import { channelRows } from "./channel-rules.ts";
import { earlierReleases, kindOfMove } from "./core/channel-history.ts";
import { versionText } from "./core/release-path.ts";
import { validationCounts } from "./core/validation.ts";
import { channelNow, gatedHistory, type KnownRelease, unusable } from "./pointers.ts";

/** What is asked of a gated channel. */
export interface MoveWish {
  readonly app: string;
  readonly channel: string;
  readonly kind: "promotion" | "rollback";
  readonly reason: string;
  readonly rollout: number;
  readonly requestedRun: RequestedRun | null;
  readonly signer: Signer | null;
  readonly dryRun: boolean;
  /** Finds the release on the facts that the proposal is made from. */
  find(facts: View): Promise<KnownRelease | Refused>;
}

/** Opens or finds the proposal that moves a gated channel. What no approval could make conform is refused at once. */
export async function proposeMove(
  ground: GateGround,
  act: Act,
  wish: MoveWish,
): Promise<Proposed<"channel-pointer.v1"> | Refused> {
  return propose(
    ground,
    act,
    {
      kind: channelDecision,
      key: { app: wish.app, channel: wish.channel },
      reason: wish.reason,
      signer: wish.signer,
      ...(wish.requestedRun === null ? {} : { requestedRun: wish.requestedRun }),
      async draft(header, facts, decisions) {
        const known = await wish.find(facts);
        if (isRefused(known)) return known;
        const drafted = await draftPointer(ground, act, { header, facts, decisions, known, wish });
        return drafted;
      },
    },
    { dryRun: wish.dryRun },
  );
}

interface Drafting {
  readonly header: DecisionHeader;
  readonly facts: View;
  readonly decisions: Decisions;
  readonly known: KnownRelease;
  readonly wish: MoveWish;
}

async function draftPointer(ground: GateGround, act: Act, on: Drafting): Promise<ChannelPointerV1 | Refused> {
  const { header, facts, decisions, known, wish } = on;
  const { release, digest } = known;
  const problem = await unusable(facts, decisions, release);
  if (problem !== null) return refuse(problem);
  const wrong = kindProblem(decisions, wish, known);
  if (wrong !== null) return wrong;
  const now = await channelNow(facts, decisions, wish.app, wish.channel);
  const validation = validationCounts(release);
  const source = wish.kind === "rollback" ? null : await soakSource(ground, facts, decisions, now, release.id);
  const asked = { actor: act.actor, signer: wish.signer, run: wish.requestedRun };
  const byPerson = now.pointer?.kind === "rollback" && (await isAskedByPerson(ground, decisions, asked));
  const move = { kind: wish.kind, validation, source, byPerson };
  // Soak and freeze clear by themselves; what no time clears is not worth a proposal.
  const lost = channelRows(now.settings, now.pointer, move, act.at).find(({ status }) => status === "refuse");
  if (lost !== undefined)
    return refuse(deniedBy(lost, { app: wish.app, channel: wish.channel, release_id: release.id }));
  return {
    ...header,
    schema: "channel-pointer.v1",
    from: header.from === null || now.pointer === null ? null : { ...header.from, release_id: now.pointer.release_id },
    seen: { validation, source },
    app: wish.app,
    channel: wish.channel,
    kind: wish.kind,
    release_id: release.id,
    version: release.version,
    build: release.build,
    release_digest: digest,
    rollout_percent: wish.rollout,
  };
}

function kindProblem(decisions: Decisions, wish: MoveWish, known: KnownRelease): Refused | null {
  const { release } = known;
  const history = gatedHistory(decisions, wish.app, wish.channel).map(({ document }) => document);
  const kind = kindOfMove(history, release.id);
  if (kind === wish.kind) return null;
  if (kind === "rollback") return refuse(backwards(wish.app, wish.channel, known));
  const data = { app: wish.app, channel: wish.channel, release_id: release.id };
  const earlier = earlierReleases(history).map((pointer) => versionText(pointer));
  const message = `${versionText(release)} is not among the earlier releases of ${wish.channel}`;
  return refuse(reason("rollback.not_earlier", message, { ...data, earlier: earlier.slice(0, 20) }));
}
