import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { actions } from "../../cli/action.ts";
import type { AnyAction } from "../../cli/action/action.ts";
import { annotationsOf } from "../../cli/action/annotations.ts";
import { screenParts, summaryText } from "../../cli/action/summary.ts";
import { isData, type Json } from "../../src/kernel/json.ts";
import { data, namesIn } from "../support/yml.ts";
import { TEST_NOW } from "../support/world.ts";

const on = { repositoryUrl: "https://github.com/acme/notes", now: new Date(TEST_NOW) };

/** Every example of an action's result, some valid. */
function examplesOf(action: AnyAction): readonly (readonly [file: string, value: object])[] {
  const folder = `schemas/examples/${action.command.result}/valid`;
  return namesIn(folder).map((file) => [file, data(JSON.parse(readFileSync(`${folder}/${file}`, "utf8")))]);
}

async function summaryOf(action: AnyAction, result: object): Promise<string> {
  const parts =
    action.parts?.(result, on) ?? screenParts(await action.command.screen(result, on.now), on.repositoryUrl);
  return summaryText({ title: action.title(result), parts });
}

const cases = actions.flatMap((action) =>
  examplesOf(action).map(([file, result]) => [`${action.name}, ${file}`, action, result] as const),
);

/** Texts that people and builds choose; ids, times, states and addresses of ours stay as they are. */
const FREE = new Set([
  "message",
  "reason",
  "title",
  "filename",
  "findings",
  "reasons",
  "name",
  "fix",
  "remedy",
  "feed",
  "people",
]);
const evil = "<img src=x> @alice #1 [a](https://b.example) | `c` ::error::d ##[e]";

function poisoned(value: Json, isFree: boolean): Json {
  if (typeof value === "string") return isFree ? evil : value;
  if (Array.isArray(value)) return value.map((one: Json) => poisoned(one, isFree));
  if (!isData(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, poisoned(one, FREE.has(key))]));
}

describe.each(cases)("summary of %s", (_, action, result) => {
  it("has one title and at most ten annotations", async () => {
    const text = await summaryOf(action, result);
    expect(text.match(/^## \S/gm)).toHaveLength(1);
    expect(text).not.toMatch(/undefined|\[object|NaN/);
    expect(annotationsOf(action.notes?.(result) ?? []).length).toBeLessThanOrEqual(10);
  });

  it("shows what people wrote as text", async () => {
    const text = await summaryOf(action, data(poisoned(data(result), false)));
    const bare = text.replaceAll(/<code>.*?<\/code>|`[^`]*`|```[\s\S]*?```/g, "");
    expect(bare).not.toMatch(/<img|@alice|(?<!&)#1\b|\]\(https:\/\/b/);
    expect(text.split("\n").filter((line) => line.startsWith("::"))).toEqual([]);
  });
});

it("says what was published, where it went, and what to do next", async () => {
  const action = actions.find(({ name }) => name === "dist-publish")!;
  const [, result] = examplesOf(action)[0]!;
  expect(await summaryOf(action, result)).toMatchInlineSnapshot(`
    "## Published acme-notes 1.4.0 (412)

    \`stable\` moved from 1.4.0 (412) to 1.4.0 (412).

    **Next** review [\`#128\`](https://github.com/acme/notes/pull/128)

    | Platform | Variant | File | Size | SHA-256 | Validation |
    |---|---|---|--:|---|---|
    | android_aab | arm64 | \`1.4 test plan done\` | 1 B | \`f1d07263dd4c\` | **pending**: profile expires 2026-12-15 |

    Install page and QR · [Release](https://github.com/acme/notes/releases/tag/acme-notes-v1.4.0-412) · record [\`4be1f07\`](https://github.com/acme/notes/commit/4be1f07c2f6f1d0e9a7b3c5d8e2f4a6b8c0d1e2f) · running this job again changes nothing

    <details><summary>Full digests, for sha256sum -c</summary>

    \`\`\`
    f1d07263dd4c940d4e1d5a1df3c5ae7fd1b4f19dbe8d5fa2ad9d5d2d6e1c0a34  1.4 test plan done
    \`\`\`

    </details>
    "
  `);
});
