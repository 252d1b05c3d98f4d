import { defineCommand } from "../command.ts";

/** A key of this name is no person's: it signs evidence and checkpoints. */
const ATTESTOR = /^attestor(?:-|$)/;

/** `waybill keys new`. */
export const keysNew = defineCommand({
  path: "keys new",
  group: "Set up",
  summary: "Make an Ed25519 key to approve with, in your configuration folder",
  examples: ["keys new alice", "keys new alice --no-passphrase"],
  effects: ["the passphrase is asked on a terminal; an existing key is never overwritten   exit 1"],
  positionals: [{ name: "person", describe: "Your name in policy.json" }],
  options: { "no-passphrase": { type: "boolean", describe: "Make the key without a passphrase" } },
  needs: ["keys", "prompt"],
  result: "keys-new-result.v1",
  async run({ keys, prompt }, args) {
    const { newKey } = await import("../../src/gate/keys-result.ts");
    const passphrase = args["no-passphrase"] === true ? null : await prompt.ask("Passphrase (empty for none): ", true);
    return { result: await newKey(keys, String(args["person"]), passphrase === "" ? null : passphrase), exit: 0 };
  },
  screen: async ({ person, public_key, fingerprint, path }) => ({
    blocks: [
      { kind: "line", label: "Key", parts: [person, fingerprint, path] },
      { kind: "text", text: `${public_key} ${person}` },
    ],
    next: ATTESTOR.test(person)
      ? [
          `waybill gate open policy --add-attestor ${person}=${path}.pub --reason "${person} vouches"`,
          `WAYBILL_ATTESTOR_KEY=${path} in the environment of its job alone`,
        ]
      : [
          `waybill init --approver ${person} --key ${path}.pub`,
          `waybill gate open policy --add-approver ${person}=${path}.pub --reason "${person} joins"`,
        ],
  }),
});
