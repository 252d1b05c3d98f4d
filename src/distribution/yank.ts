import { isRefused, type Reason, reason, type Refused, refuse } from "../kernel/errors.ts";
import { printable } from "../kernel/text.ts";
import { propose } from "../gate/propose/propose.ts";
import type { DistReleaseYankResultV1, YankV1 } from "../schema/types.gen.ts";
import { openState } from "../state/transact.ts";
import type { View } from "../state/view.ts";
import { admit, type Desk, type FindSigner, signerFor } from "./desk.ts";
import { findRelease } from "./find-release.ts";
import { proposalParts, refOf } from "./move-parts.ts";
import { channelsOn } from "./channels-on.ts";
import { type KnownRelease, yankOf } from "./pointers.ts";
import { versionText } from "./core/release-path.ts";
import { reasonProblem } from "./wish.ts";
import { yankDecision } from "./yank-decision.ts";

/** What withdrawing a release is asked for. */
export interface YankWish {
  readonly release: string;
  readonly app: string | undefined;
  readonly reason: string;
  readonly severity: YankV1["severity"];
  /** A release to use instead; null: none. */
  readonly replacement: string | null;
  readonly signer: FindSigner;
}

/** What it came to. */
export interface Yanked {
  readonly result: DistReleaseYankResultV1;
  readonly warnings: readonly Reason[];
}

const SEVERITIES: readonly YankV1["severity"][] = ["low", "moderate", "high", "critical"];

/** Reads how bad it is. Refuses with `usage.invalid_argument`. */
export function severityOf(text: string): YankV1["severity"] | Refused {
  const found = SEVERITIES.find((severity) => severity === text);
  const message = `--severity is one of ${SEVERITIES.join(", ")}`;
  return found ?? refuse(reason("usage.invalid_argument", message, { severity: printable(text) }));
}

/** Proposes to withdraw a release: it leaves feeds and page actions, keeps its bytes by digest, and is not deleted. */
export async function yank(desk: Desk, wish: YankWish): Promise<Yanked | Refused> {
  const problem = reasonProblem(wish.reason);
  if (problem !== null) return refuse(problem);
  const facts = await openState(desk.ground);
  const known = await findRelease(facts, wish.release, wish.app);
  if (isRefused(known)) return known;
  const app = known.release.app_id;
  const admitted = await admit(desk, "dist release yank", { scope: "channels:rollback", app });
  if (isRefused(admitted)) return admitted;
  const replacement = wish.replacement === null ? null : await findReplacement(facts, wish.replacement, known);
  if (isRefused(replacement)) return replacement;
  const { decisions, warnings, act } = admitted;
  const parts = { known, replacement, channels: await channelsOn(facts, decisions, known) };
  const before = yankOf(decisions, known.release.id)?.document;
  const isSame = before?.severity === wish.severity && before.replacement === (replacement?.release.id ?? null);
  if (isSame) {
    const unchanged = { status: "unchanged", proposal: null, verdict: null } as const;
    return { result: { ...base(desk, wish, parts), ...unchanged, reason: before.reason }, warnings };
  }
  const proposed = await propose(
    desk.ground,
    act,
    {
      kind: yankDecision,
      key: { release: known.release.id },
      reason: wish.reason,
      signer: await signerFor(decisions.policy.document, act, wish.signer),
      draft: (header) => Promise.resolve(notPublished(known) ?? { ...header, ...documentOf(wish, parts) }),
    },
    { dryRun: desk.dryRun },
  );
  if (isRefused(proposed)) return proposed;
  return { result: { ...base(desk, wish, parts), ...proposalParts(proposed) }, warnings };
}

interface Parts {
  readonly known: KnownRelease;
  readonly replacement: KnownRelease | null;
  readonly channels: readonly string[];
}

async function findReplacement(facts: View, text: string, { release }: KnownRelease): Promise<KnownRelease | Refused> {
  const found = await findRelease(facts, text, text.includes("@") ? undefined : release.app_id);
  if (isRefused(found)) return found;
  if (found.release.app_id === release.app_id && found.release.id !== release.id) return notPublished(found) ?? found;
  return refuse(reason("usage.invalid_argument", "A replacement is another release of the same app"));
}

function notPublished({ release }: KnownRelease): Refused | null {
  if (release.status === "published") return null;
  const message = `${release.app_id} ${versionText(release)} is not published`;
  const hint = release.status === "draft" ? "dist release abandon gives up a draft" : "There is nothing to withdraw";
  return refuse(reason("release.not_published", message, { release_id: release.id }, hint));
}

function documentOf(wish: YankWish, { known, replacement, channels }: Parts) {
  const { release, digest } = known;
  return {
    schema: "yank.v1",
    seen: { channels },
    app: release.app_id,
    release_id: release.id,
    version: release.version,
    build: release.build,
    release_digest: digest,
    severity: wish.severity,
    replacement: replacement?.release.id ?? null,
  } as const;
}

function base(desk: Desk, wish: YankWish, { known, replacement, channels }: Parts) {
  return {
    schema: "dist-release-yank-result.v1",
    planned: desk.dryRun,
    app: known.release.app_id,
    release: refOf(known.release),
    severity: wish.severity,
    replacement: replacement === null ? null : refOf(replacement.release),
    reason: wish.reason,
    channels,
  } as const;
}
