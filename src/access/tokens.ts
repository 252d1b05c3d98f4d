import type { Act } from "../kernel/act.ts";
import { sha256Hex } from "../kernel/digest.ts";
import { isOneLine } from "../kernel/text.ts";
import { reason, type Refused, refuse } from "../kernel/errors.ts";
import { msOf, timestamp } from "../kernel/time.ts";
import type { Entropy } from "../ports/clock.ts";
import type { Scope, TokenV1 } from "../schema/types.gen.ts";
import type { Plan } from "../state/plan.ts";
import { PRIVILEGED } from "./authenticate.ts";

const RAW_BYTES = 32;
const PREFIX_LENGTH = 8;
const DAY_MS = 86_400_000;
/** Days that a token lives where nobody says otherwise. */
export const DEFAULT_DAYS = 90;
/** Longest life of a token: ten years. */
const MAX_DAYS = 3653;

/** What a new token is to be. */
export interface TokenWish {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Null is all. */
  readonly apps: readonly string[] | null;
  readonly channels: readonly string[] | null;
  readonly days: number;
}

/** Draws the raw text of a token: `dist_` and 64 hex digits. It is shown once and never stored. */
export function drawToken(entropy: Entropy): string {
  return `dist_${Buffer.from(entropy.bytes(RAW_BYTES)).toString("hex")}`;
}

/** Plans a new token; only its hash is kept. Refuses powers that decisions alone can grant. */
export function planTokenCreate(raw: string, wish: TokenWish, act: Act): Plan<TokenV1> | Refused {
  const problem = wishProblem(wish);
  if (problem !== null) return refuse(problem);
  const token: TokenV1 = {
    schema: "token.v1",
    id: act.id("tok"),
    name: wish.name,
    token_hash: sha256Hex(raw),
    token_prefix: raw.slice("dist_".length, "dist_".length + PREFIX_LENGTH),
    scopes: [...new Set(wish.scopes)],
    apps: wish.apps === null ? null : [...new Set(wish.apps)],
    channels: wish.channels === null ? null : [...new Set(wish.channels)],
    actor_kind: "automation",
    created_by: { ...act.actor },
    created_at: act.at,
    expires_at: timestamp(new Date(msOf(act.at) + wish.days * DAY_MS)),
    revoked_at: null,
  };
  const metadata = { name: token.name, scopes: token.scopes, expires_at: token.expires_at };
  return {
    writes: [{ name: "token.v1", key: { id: token.id }, document: token }],
    events: [{ action: "token.created", target: ["token", token.id], metadata }],
    result: token,
  };
}

function wishProblem({ name, scopes, days }: TokenWish) {
  const privileged = scopes.filter((scope) => PRIVILEGED.includes(scope));
  if (privileged.length > 0) {
    return reason(
      "usage.invalid_argument",
      `${privileged.join(" and ")} cannot be granted by a token alone; a decision names who has it`,
      { scopes: privileged },
      "Propose it in config/principals.json",
    );
  }
  if (name === "" || name.length > 200 || !isOneLine(name))
    return reason("usage.invalid_argument", "The name of a token is one line of text");
  if (scopes.length === 0) return reason("usage.invalid_argument", "A token has at least one scope");
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS)
    return reason("usage.invalid_argument", `A token lives for 1 to ${MAX_DAYS} days`, { days });
  return null;
}

/** Plans to revoke a token; one that is revoked already stays as it is. */
export function planTokenRevoke(token: TokenV1, act: Act): Plan<TokenV1> {
  if (token.revoked_at !== null) return { writes: [], events: [], result: token };
  const revoked: TokenV1 = { ...token, revoked_at: act.at };
  return {
    writes: [{ name: "token.v1", key: { id: token.id }, document: revoked }],
    events: [{ action: "token.revoked", target: ["token", token.id], metadata: { name: token.name } }],
    result: revoked,
  };
}
