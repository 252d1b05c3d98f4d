import { msOf } from "../../kernel/time.ts";
import { claimsPowers } from "../../access/authenticate.ts";
import type { TokenV1 } from "../../schema/types.gen.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { fail, warn } from "./symptoms.ts";

/** How long before its end a token is worth a warning. */
const SOON_MS = 14 * 86_400_000;

/** No token that stands has ended or ends soon, and none claims what only a decision grants. */
export const tokensExpiry: DoctorCheck = {
  id: "tokens.expiry",
  title: "No token has expired or ends within 14 days",
  async run({ facts, at }) {
    const view = await facts();
    const names = (await view.names("dist/tokens")).filter((name) => name.endsWith(".json"));
    const keys = names.map((name) => ({ id: name.slice(0, -".json".length) }));
    return (await view.findAll("token.v1", keys)).flatMap((token) =>
      token === undefined ? [] : symptomsOf(token, at),
    );
  },
};

function symptomsOf(token: TokenV1, at: string): readonly Symptom[] {
  const { id, name, expires_at: end, revoked_at } = token;
  if (revoked_at !== null) return [];
  if (claimsPowers(token)) {
    const message = `The token ${name} (${id}) claims powers that only a decision grants; it lets nobody in`;
    return [fail(message, `dist token revoke ${id}, and find out who wrote it: dist audit`)];
  }
  if (end <= at) return [warn(`The token ${name} (${id}) expired ${end}`, `dist token revoke ${id}`)];
  if (msOf(end) - msOf(at) > SOON_MS) return [];
  return [warn(`The token ${name} (${id}) expires ${end}`, "dist token create makes the next one")];
}
