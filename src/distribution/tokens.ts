import type { Oid } from "../kernel/oid.ts";
import { isRefused, type Reason, reason, type Refused, refuse } from "../kernel/errors.ts";
import { isOpaqueId } from "../kernel/ids.ts";
import { printable } from "../kernel/text.ts";
import type { Entropy } from "../ports/clock.ts";
import type { TokenV1 } from "../schema/types.gen.ts";
import { drawToken, planTokenCreate, planTokenRevoke, type TokenWish } from "../access/tokens.ts";
import { admit, type Desk, write } from "./desk.ts";

/** A token that was made; the raw text is here and nowhere else. */
export interface TokenMade {
  readonly token: TokenV1;
  readonly raw: string;
  readonly commit: Oid | null;
  readonly warnings: readonly Reason[];
}

/** Makes a token and answers its raw text, once. A crash before the answer leaves a token that nobody knows; revoke it. */
export async function createToken(desk: Desk, entropy: Entropy, wish: TokenWish): Promise<TokenMade | Refused> {
  const admitted = await admit(desk, "dist token create", { scope: "tokens:admin" });
  if (isRefused(admitted)) return admitted;
  const raw = drawToken(entropy);
  const done = await write(
    desk,
    admitted,
    () => Promise.resolve(null),
    (_, act) => planTokenCreate(raw, wish, act),
  );
  return isRefused(done) ? done : { token: done.result, raw, commit: done.commit, warnings: admitted.warnings };
}

/** A token that is revoked now. */
export interface TokenRevoked {
  readonly token: TokenV1;
  readonly changed: boolean;
  readonly commit: Oid | null;
  readonly warnings: readonly Reason[];
}

/** Revokes a token by its id; at once, for every writer that reads the branch afterwards. */
export async function revokeToken(desk: Desk, id: string): Promise<TokenRevoked | Refused> {
  const admitted = await admit(desk, "dist token revoke", { scope: "tokens:admin" });
  if (isRefused(admitted)) return admitted;
  const done = await write(
    desk,
    admitted,
    async (facts) => (isOpaqueId(id) ? facts.find("token.v1", { id }) : undefined),
    (token, act) => {
      if (token === undefined) return unknownToken(id);
      const plan = planTokenRevoke(token, act);
      return { ...plan, result: { token: plan.result, changed: plan.events.length > 0 } };
    },
  );
  return isRefused(done) ? done : { ...done.result, commit: done.commit, warnings: admitted.warnings };
}

function unknownToken(id: string): Refused {
  const message = `There is no token ${printable(id)}`;
  return refuse(reason("token.not_found", message, { token_id: printable(id) }, "dist token list"));
}
