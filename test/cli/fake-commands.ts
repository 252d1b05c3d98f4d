import { type AnyCommand, type Answer, defineCommand } from "../../cli/command.ts";
import { count, word } from "../../cli/output/cells.ts";
import { reason, refuse, type Refused, ToolError } from "../../src/kernel/errors.ts";

/** A result document that has few fields, to stand for any. */
const result = {
  schema: "state.v1",
  format_version: 1,
  tenant_id: "ten_1",
  repo_id: "rep_1",
  forge_repository_id: null,
  created_at: "2026-11-19T11:40:00Z",
} as const;

function endings(kind: unknown): Answer<"state.v1"> | Refused {
  switch (kind) {
    case "no":
      return { result, exit: 1, error: reason("app.not_creatable", "The answer is no", { found: "a\u202eb" }) };
    case "waits":
      return { result, exit: 3, error: reason("gate.merge.waiting", "It waits") };
    case "refused":
      return refuse(
        reason("app.exists", "It is there", { at: "app.json#/slug" }, "Take another name"),
        reason("app.not_found", "And another reason"),
      );
    case "moving":
      throw new ToolError("state.push.conflict", "It kept moving", { hints: ["Run it again"] });
    case "bug":
      throw new TypeError("x is undefined");
    case "ok":
      return { result, exit: 0, warnings: [reason("file.changed", "It changed", {}, "Look at it")] };
    default:
      throw new TypeError(`${String(kind)} is no ending`);
  }
}

const list = defineCommand({
  path: "dist app list",
  group: "Look and prove",
  summary: "List apps",
  examples: ["dist app list"],
  options: {
    limit: { type: "number", describe: "At most so many" },
    key: { type: "string", describe: "x", array: true },
  },
  needs: [],
  result: "state.v1",
  run: async (_world, args) => endings(args["limit"] === undefined ? "ok" : "ok"),
  screen: async () => ({
    blocks: [
      { kind: "line", label: "Listed", parts: ["2 apps", "now"] },
      {
        kind: "table",
        columns: [{ title: "APP" }, { title: "NOTES", free: true }, { title: "N", align: "right" }],
        rows: [
          [word("acme"), word("short"), count(1)],
          [word("acme-notes"), word(null), count(12_345)],
        ],
      },
    ],
    next: ["dist app create"],
  }),
});

const end = defineCommand({
  path: "dist app end",
  group: "Publish",
  summary: "End in a way",
  examples: ["dist app end no"],
  effects: ["it ends   exit as asked"],
  positionals: [{ name: "how", describe: "ok, no, waits, refused, moving or bug" }],
  options: { reason: { type: "string", describe: "Why", demandOption: true } },
  writes: true,
  needs: [],
  result: "state.v1",
  run: async (_world, args) => endings(args["how"]),
  screen: async ({ repo_id }) => ({ blocks: [{ kind: "line", label: "Ended", parts: [repo_id] }] }),
});

const inspect = defineCommand({
  path: "inspect",
  group: "Publish",
  summary: "Say what files are",
  examples: ["waybill inspect a.apk"],
  positionals: [{ name: "file", describe: "Files", many: true }],
  options: {},
  needs: [],
  result: "state.v1",
  run: async () => endings("ok"),
  screen: async () => ({ blocks: [], empty: "Nothing here" }),
});

/** Commands that end as they are told, for tests of the door. */
export const fakeCommands: readonly AnyCommand[] = [end, list, inspect];
