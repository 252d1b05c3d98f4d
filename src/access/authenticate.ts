import type { Actor } from "../kernel/act.ts";
import { isSameDigest, sha256Hex } from "../kernel/digest.ts";
import { type Reason, reason, type Refused, refuse, ToolError } from "../kernel/errors.ts";
import type { PrincipalsV1, Scope, TokenV1 } from "../schema/types.gen.ts";
import type { Decisions } from "../gate/core/decisions.ts";
import { isNoDocument } from "../state/no-document.ts";
import type { View } from "../state/view.ts";
import type { Caller, Need } from "./caller.ts";

/** Powers that no fact can grant; they stand in `config/principals.json` alone. */
export const PRIVILEGED: readonly Scope[] = ["gates:approve", "tokens:admin"];

/** Most tokens that one repository may hold, so that a check stays bounded. */
const MAX_TOKENS = 10_000;
const RAW = /^dist_[0-9a-f]{64}$/;

type Principal = PrincipalsV1["tokens"][number];

/** What facts and decisions know of one raw token. */
interface Known {
  readonly facts: readonly TokenV1[];
  readonly principal: Principal | undefined;
}

/**
 * Says who is asking, or why not, in this order: `auth.unknown`, `auth.revoked`, `auth.expired`, `auth.missing_scope`,
 * `auth.app_forbidden`, `auth.channel_forbidden`. Without a token the caller is who it says it is, unverified.
 * Digests are compared in constant time. A fact that claims powers of a person is no token, whoever wrote it.
 */
export async function authenticate(
  facts: View,
  decisions: Decisions,
  caller: Caller,
  need: Need,
  at: string,
): Promise<Actor | Refused> {
  if (caller.token === undefined) return caller.actor;
  const known = await knownAs(facts, decisions, caller.token);
  const problem = problemOf(known, need, at);
  return problem === null ? actorOf(known) : refuse(problem);
}

async function knownAs(facts: View, decisions: Decisions, raw: string): Promise<Known> {
  if (!RAW.test(raw)) return { facts: [], principal: undefined };
  const hash = sha256Hex(raw);
  const stored = (await tokensOf(facts)).filter((token) => isSameDigest(token.token_hash, hash));
  const principal = principalsOf(decisions).filter((one) => isSameDigest(one.token_hash, hash))[0];
  return { facts: stored, principal };
}

/** Reads every token; a planted document that is none does not lock out the others. */
async function tokensOf(facts: View): Promise<readonly TokenV1[]> {
  const names = (await facts.names("dist/tokens")).filter((name) => name.endsWith(".json"));
  if (names.length > MAX_TOKENS)
    throw new ToolError("state.limit.exceeded", `dist/tokens holds more than ${MAX_TOKENS} tokens`);
  const keys = names.map((name) => ({ id: name.slice(0, -".json".length) }));
  try {
    return (await facts.findAll("token.v1", keys)).flatMap((token) => token ?? []);
  } catch {
    const each = await Promise.all(keys.map((key) => findToken(facts, key.id)));
    return each.flatMap((token) => token ?? []);
  }
}

async function findToken(facts: View, id: string): Promise<TokenV1 | undefined> {
  try {
    return await facts.find("token.v1", { id });
  } catch (cause) {
    // What could not be asked for is no answer: a revocation may stand in it.
    if (isNoDocument(cause)) return undefined;
    throw cause;
  }
}

/** Tokens whose powers a decision in force grants, in its order. */
export function principalsOf(decisions: Pick<Decisions, "find">): readonly Principal[] {
  const document = decisions.find("config/principals.json")?.document;
  return document !== undefined && "schema" in document && document.schema === "principals.v1" ? document.tokens : [];
}

/** Tells whether a fact claims what only a decision can grant. */
export function claimsPowers(token: Pick<TokenV1, "actor_kind" | "scopes">): boolean {
  return token.actor_kind === "human" || token.scopes.some((scope) => PRIVILEGED.includes(scope));
}

function problemOf(known: Known, need: Need, at: string): Reason | null {
  const valid = known.facts.filter((token) => !claimsPowers(token));
  const [fact] = valid;
  if (known.principal === undefined && fact === undefined)
    return reason("auth.unknown", "This token is not known here", {}, "dist token list");
  // A revocation only blocks, so it counts wherever it stands.
  const revoked = known.facts.find((token) => token.revoked_at !== null);
  if (revoked !== undefined)
    return denied("auth.revoked", `The token ${revoked.name} was revoked ${revoked.revoked_at}`, revoked.id);
  if (fact !== undefined && fact.expires_at <= at)
    return denied("auth.expired", `The token ${fact.name} expired ${fact.expires_at}`, fact.id);
  return scopeProblem(known.principal, fact, need);
}

function scopeProblem(principal: Principal | undefined, fact: TokenV1 | undefined, need: Need): Reason | null {
  const { id, name } = calledBy(principal, fact);
  const { scope, app, channel } = need;
  const isGranted = [fact, principal].some((one) => one?.scopes.includes(scope));
  if (!isGranted) return denied("auth.missing_scope", `${name} has not the scope ${scope}`, id, { scope });
  if (!isWithin(fact?.apps, app))
    return denied("auth.app_forbidden", `${name} is not for the app ${app}`, id, { app: app ?? null });
  if (!isWithin(fact?.channels, channel))
    return denied("auth.channel_forbidden", `${name} is not for the channel ${channel}`, id, {
      channel: channel ?? null,
    });
  return null;
}

function calledBy(principal: Principal | undefined, fact: TokenV1 | undefined) {
  const id = fact?.id ?? principal?.token_id ?? "";
  return { id, name: `The token ${fact?.name ?? principal?.person ?? id}` };
}

/** A limit that is absent or null is none. */
function isWithin(limit: readonly string[] | null | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || limit === null || limit === undefined || limit.includes(wanted);
}

function denied(
  code: "auth.revoked" | "auth.expired" | "auth.missing_scope" | "auth.app_forbidden" | "auth.channel_forbidden",
  message: string,
  id: string,
  data: Reason["data"] = {},
): Reason {
  return reason(code, message, { token_id: id, ...data }, "dist token create --help");
}

/** A token of a person acts as that person; every other one as itself. */
function actorOf({ facts, principal }: Known): Actor {
  const fact = facts.find((token) => !claimsPowers(token));
  const id = fact?.id ?? principal?.token_id ?? "";
  if (principal !== undefined && principal.person !== null)
    return { kind: "human", name: principal.person, id, verified: true };
  return { kind: "token", name: fact?.name ?? id, id, verified: true };
}
