import type { Args } from "../command.ts";

const NAMES = /^(?:WAYBILL|DIST|GITHUB|GH|ACTIONS|NPM|NODE_AUTH|AWS)_(?:.*_)?(?:TOKEN|SECRET|PASSWORD|PASSPHRASE|KEY)$/;

/** What only sounds like one: the path of a key, and whose token it is. */
const NO_SECRETS = new Set(["WAYBILL_KEY", "WAYBILL_IS_WORKFLOW_TOKEN"]);

/**
 * Values that no document and no message may carry: the token that was given, secrets of the environment by their names, and the form in
 * which git sends the token of a forge, as a remote may say it back.
 */
export function secretsOf(args: Args, env: ReadonlyMap<string, string>): readonly string[] {
  const named = [...env].filter(([name, value]) => NAMES.test(name) && !NO_SECRETS.has(name) && value !== "");
  const token = args["token"];
  const forge = named.filter(([name]) => FORGE.has(name)).map(([, value]) => basicOf(value));
  return [...new Set([...(typeof token === "string" ? [token] : []), ...named.map(([, value]) => value), ...forge])];
}

const FORGE = new Set(["GITHUB_TOKEN", "GH_TOKEN"]);

/** What basic authorization makes of the token of a forge. */
export function basicOf(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString("base64");
}
