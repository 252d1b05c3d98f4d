import { defineCommand } from "../command.ts";
import { word } from "../output/cells.ts";

/** `waybill keys list`. */
export const keysList = defineCommand({
  path: "keys list",
  group: "Set up",
  summary: "List the keys that could sign for you: Waybill's, git's, the agent's, and of ~/.ssh",
  examples: ["keys list"],
  options: {},
  needs: ["keys"],
  result: "keys-list-result.v1",
  async run({ keys }) {
    const { listKeys } = await import("../../src/gate/keys-result.ts");
    return { result: await listKeys(keys), exit: 0 };
  },
  screen: async ({ keys }) => ({
    blocks: [
      {
        kind: "table",
        columns: [{ title: "NAME" }, { title: "FINGERPRINT" }, { title: "SOURCE", free: true }],
        rows: keys.map(({ name, fingerprint, source }) => [word(name), word(fingerprint), word(source)]),
      },
    ],
    ...(keys.length === 0 ? { empty: "No keys yet", next: ["waybill keys new <person>"] } : {}),
  }),
});
