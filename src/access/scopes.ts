import { reason, type Refused, refuse } from "../kernel/errors.ts";
import { printable } from "../kernel/text.ts";
import type { Scope } from "../schema/types.gen.ts";

/** Every scope that a token can have, with what it lets its holder do. */
const SCOPES: Readonly<Record<Scope, string>> = {
  "ad:admit": "admit deliveries",
  "ad:send": "send deliveries",
  "apps:write": "make and change apps",
  "artifacts:read": "read artifacts of private apps",
  "audit:read": "read the audit trail",
  "channels:promote": "promote on channels",
  "channels:rollback": "roll channels back",
  "evidence:write": "record evidence",
  "gates:approve": "approve decisions; of people only",
  "releases:publish": "publish releases",
  "store:cleanup": "remove what retention lets go",
  "tokens:admin": "make and revoke tokens; of people only",
};

/** Reads names of scopes. Refuses an unknown one with `usage.invalid_argument`. */
export function parseScopes(names: readonly string[]): readonly Scope[] | Refused {
  const wrong = names.find((name) => !isScope(name));
  if (wrong === undefined) return names.filter(isScope);
  const message = `"${printable(wrong)}" is no scope`;
  return refuse(
    reason("usage.invalid_argument", message, { scope: printable(wrong) }, `Known: ${Object.keys(SCOPES).join(" ")}`),
  );
}

/** Tells whether a text names a scope. */
export function isScope(name: string): name is Scope {
  return Object.hasOwn(SCOPES, name);
}
