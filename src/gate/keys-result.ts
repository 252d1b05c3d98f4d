import type { Keys } from "../ports/signer.ts";
import type { KeysListResultV1, KeysNewResultV1 } from "../schema/types.gen.ts";
import { parsePublicKey } from "./core/ssh/openssh-key.ts";

/** `keys new` as its result document. */
export async function newKey(keys: Keys, person: string, passphrase: string | null): Promise<KeysNewResultV1> {
  const { publicKey, path } = await keys.create(person, passphrase);
  const { fingerprint } = parsePublicKey(publicKey);
  return { schema: "keys-new-result.v1", person, public_key: publicKey, fingerprint, path };
}

/** `keys list` as its result document. */
export async function listKeys(keys: Keys): Promise<KeysListResultV1> {
  const found = await keys.list();
  return {
    schema: "keys-list-result.v1",
    keys: found.map(({ name, publicKey, source }) => ({
      name,
      public_key: publicKey,
      fingerprint: parsePublicKey(publicKey).fingerprint,
      source,
    })),
  };
}
