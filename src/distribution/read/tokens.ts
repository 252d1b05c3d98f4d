import { claimsPowers, principalsOf } from "../../access/authenticate.ts";
import { isScope } from "../../access/scopes.ts";
import type { Decisions } from "../../gate/core/decisions.ts";
import type { DistTokenListResultV1, Scope, TokenListRow } from "../../schema/types.gen.ts";
import type { Snapshot } from "../../state/snapshot/open.ts";
import { asOfTips } from "./as-of.ts";
import { ask, type Row } from "./record.ts";
import type { Told } from "./told.ts";

// One walk over the events serves all tokens; an index that only this list reads would cost every snapshot more.
const LAST_USED = `SELECT actor_id, max(created_at) AS last_used_at FROM audit_events
  WHERE actor_verified = 1 AND actor_id IN (SELECT id FROM tokens) GROUP BY actor_id`;

/** Lists tokens by name, with when each was used last and whether it lets anybody in at a time, and the powers that decisions grant. */
export function listTokens(
  { database, asOf }: Snapshot,
  decisions: Pick<Decisions, "find">,
  at: string,
): Told<DistTokenListResultV1> {
  const { rows } = ask(database, "SELECT * FROM tokens ORDER BY name, id");
  const uses = rows.length === 0 ? [] : ask(database, LAST_USED).rows;
  const lastUse = new Map(uses.map((use) => [use.text("actor_id"), use.text("last_used_at")]));
  return {
    result: {
      schema: "dist-token-list-result.v1",
      tokens: rows.map((row) => tokenRow(row, lastUse.get(row.text("id")) ?? null, at)),
      granted: principalsOf(decisions).map(({ token_id, person, scopes }) => ({ token_id, person, scopes })),
      as_of: asOfTips(asOf),
    },
    warnings: [],
  };
}

function tokenRow(row: Row, lastUsedAt: string | null, at: string): TokenListRow {
  const scopes = row.words("scopes").filter(isScope);
  const actorKind = row.oneOf<TokenListRow["actor_kind"]>("actor_kind", ["automation", "human"]);
  const token = {
    actor_kind: actorKind,
    scopes,
    expires_at: row.text("expires_at"),
    revoked_at: row.textOrNull("revoked_at"),
  };
  return {
    id: row.text("id"),
    name: row.text("name"),
    token_prefix: row.text("token_prefix"),
    ...token,
    apps: row.textOrNull("apps") === null ? null : row.words("apps"),
    channels: row.textOrNull("channels") === null ? null : row.words("channels"),
    created_at: row.text("created_at"),
    last_used_at: lastUsedAt,
    state: stateOf(token, at),
  };
}

/** The same order as the check at the door: what claims powers that only a decision grants is no token at all. */
function stateOf(
  token: { readonly actor_kind: TokenListRow["actor_kind"]; readonly scopes: readonly Scope[] } & Pick<
    TokenListRow,
    "expires_at" | "revoked_at"
  >,
  at: string,
): TokenListRow["state"] {
  if (token.revoked_at !== null) return "revoked";
  if (claimsPowers({ actor_kind: token.actor_kind, scopes: token.scopes })) return "invalid";
  return token.expires_at <= at ? "expired" : "active";
}
