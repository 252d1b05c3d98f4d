import { describe, expect, it } from "vitest";
import { MAX_BODY } from "../../../../src/gate/page/body.ts";
import { presentProposal } from "../../../../src/gate/page/present.ts";
import { promotionStory, proposalOf, type Story } from "../../../support/page-world.ts";
import { after, type StoryFile, type StoryRelease } from "../../../support/story-facts.ts";

async function bodyOf(story: Story): Promise<string> {
  const { on, open, verdict } = await proposalOf(story);
  return (await presentProposal(on, open, verdict)).page.body;
}

const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "</details><h1>Approved</h1>",
  "--> <b>out</b>",
  "[here](https://evil.example) ![p](https://evil.example/p.png)",
  "a | b | c `|` ```",
  "@acme/owners fixes #1 GH-2 acme/notes#3",
  "https://github.com/other/repo/issues/5 www.evil.example",
  "mail me: mallory@evil.example",
  "::error::no ::set-output name=a::b",
  "**Needs** nothing",
] as const;

/** Markdown outside code, code blocks, and addresses that we made. */
function prose(body: string): string {
  return body
    .replaceAll(/^(`{3,})\n[\s\S]*?\n\1$/gm, "")
    .replaceAll(/\\[!-/:-@[-`{-~]|&(?:#\d+|amp|lt|gt);/g, "x")
    .replaceAll(/<code>[^<>`|]*<\/code>|`[^`\n|]*`/g, "x")
    .replaceAll(/\]\(https:\/\/github\.com\/acme\/notes\/[^()\s]*\)/g, "]");
}

function expectHarmless(body: string): void {
  const rest = prose(body);
  expect(rest).not.toMatch(/[@#]|evil\.example|:\/\/|\bGH-\d|!\[|javascript:/);
  expect(rest.match(/<[a-z!/][^>]*>/gi)).toEqual([
    "<!-- waybill:proposal prop_9c3t6x1zk8vm -->",
    "<details>",
    "<summary>",
    "</summary>",
    "</details>",
  ]);
  for (const table of rest.split("\n\n").filter((block) => block.startsWith("|"))) {
    const widths = table.split("\n").map((line) => line.split("|").length);
    expect(new Set(widths).size).toBe(1);
  }
  expect(body.split("\n")[1]).toMatch(/^Merging this /);
  expect(rest.match(/\*\*Needs\*\*/g)).toHaveLength(1);
}

describe("a page about hostile facts", () => {
  it.each(HOSTILE)("holds %j as text wherever it stands", async (text) => {
    const file: StoryFile = {
      platform: "generic",
      filename: text,
      size: 1,
      status: "failed",
      finding: text,
      signature: text,
    };
    const release: StoryRelease = {
      ...after,
      notes: `${text}\n- ${text}\n# ${text}`,
      files: [file],
      more: {
        source: { repository: text, commit: after.commit, run_url: text },
        forge: { release_id: "1", tag: text },
      },
    };
    const story = promotionStory(
      { requested_by: { kind: "human", name: text, id: text, verified: false }, reason: text },
      release,
    );
    const rules = [{ rule: "hold", status: "refuse", message: text }] as const;
    expectHarmless(await bodyOf({ ...story, rules }));
  });

  it("links to runs and commits of this forge only", async () => {
    const more = {
      source: {
        repository: "mallory/notes",
        commit: after.commit,
        run_url: "https://evil.example/acme/notes/actions/runs/5521",
      },
    };
    const body = await bodyOf(promotionStory({}, { ...after, more }));
    expect(body).not.toContain("evil.example");
    expect(body).toContain(`[\`mallory/notes@e04b7c8\`](https://github.com/mallory/notes/commit/${after.commit})`);
  });
});

describe("a page that gets too long", () => {
  const many = (count: number, status: StoryFile["status"]): readonly StoryFile[] =>
    Array.from({ length: count }, (_, i) => ({
      platform: "linux" as const,
      variant: `v${i}`,
      filename: `${`${i}`.padStart(4, "0")}-${"name".repeat(20)}.deb`,
      size: 1000,
      status: status ?? "passed",
      finding: "a finding that is told at some length, so that rows are long",
    }));

  it("goes without the notes first", async () => {
    const notes = "what changed is told at length ".repeat(30);
    let [count, body] = [150, ""];
    do {
      count += 1;
      body = await bodyOf(promotionStory({}, { ...after, notes, files: many(count, "passed") }));
      expect(body.length).toBeLessThanOrEqual(MAX_BODY);
    } while (!body.includes("left out here"));
    expect(body).toContain("**What changed** left out here, as this page is long ([all notes](");
    expect(body.match(/\.deb` \|/g)).toHaveLength(2 * count);
  });

  it("then without files that passed, and says how many and where they are", async () => {
    const files = [
      ...many(200, "passed"),
      { platform: "ios", filename: "bad.ipa", size: 1, status: "failed" } as const,
    ];
    const body = await bodyOf(promotionStory({}, { ...after, files }));
    expect(body.length).toBeLessThanOrEqual(MAX_BODY);
    expect(body).toContain("`bad.ipa`");
    expect(body).toContain("0001-");
    expect(body).not.toContain("0199-");
    expect(body).toContain(
      "101 more files are left out here: [all of them](https://github.com/acme/notes/releases/tag/",
    );
  });

  it("keeps the first table and what is needed, whatever there is", async () => {
    const reason = "|".repeat(1990);
    const body = await bodyOf(promotionStory({ reason }, { ...after, files: many(320, "failed") }));
    expect(body.length).toBeLessThanOrEqual(MAX_BODY);
    expect(body).toContain("| Release | 1.3.2 (398), published 2026-10-27 | 1.4.0 (412), published 2026-11-18 |");
    expect(body).toContain("**Needs** 2 approvals");
    expect(body).toContain("left out here, as this page is long.");
    expect(body).toMatch(/\d+ more files are left out here/);
  });
});
