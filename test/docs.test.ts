import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseLine, UsageError } from "../cli/parse.ts";
import { lineOf } from "../cli/programs.ts";
import { allCommands } from "./support/run-cli.ts";

const PAGES = ["README.md", ...readdirSync("docs").map((name) => join("docs", name))].filter((path) =>
  path.endsWith(".md"),
);

/** A command line that a page shows; in running text a command may be named without its arguments. */
interface Shown {
  readonly words: readonly string[];
  readonly inText: boolean;
}

/** Splits one line of a shell into its commands, each as words; what a comment, pipe or redirection brings is left out. */
function commandsOf(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const [, double, single, bare] of line.matchAll(/"([^"]*)"|'([^']*)'|((?:<[^<>]*>|[^\s"'])+(?:"[^"]*")?)/g)) {
    const word = double ?? single ?? bare ?? "";
    if (bare?.startsWith("#")) break;
    if (["&&", "||", "|", ";"].includes(word)) commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands.map((words) =>
    words.filter((word, i) => !/^(?:>>?|<)$/.test(word) && !/^(?:>>?|<)$/.test(words[i - 1] ?? "")),
  );
}

/** Every command of ours that a page shows: in `sh` and `console` blocks, and in code spans of its text. */
function shownIn(markdown: string): readonly Shown[] {
  const blocks = [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  const typed = blocks
    .filter(([, language = ""]) => ["sh", "console"].includes(language))
    .flatMap(([, language, body = ""]) =>
      body.split("\n").flatMap((line) => {
        if (language === "sh") return [line];
        return line.startsWith("$ ") ? [line.slice(2)] : [];
      }),
    );
  const text = markdown.replaceAll(/^```\w*\n[\s\S]*?^```$/gm, "");
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
  const of = (lines: readonly string[], inText: boolean) =>
    lines
      .flatMap(commandsOf)
      .flatMap((words) => (/^(?:waybill|dist)$/.test(words[0] ?? "") ? [{ words, inText }] : []));
  return [...of(typed, false), ...of(spans, true)];
}

/** Says what is wrong with a command line; null where it parses. */
function problemOf({ words: [program = "", ...argv], inText }: Shown): string | null {
  try {
    parseLine(allCommands, lineOf(program, argv));
    return null;
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    return inText && cause.code === "usage.missing_argument" ? null : cause.message;
  }
}

/** The ids that GitHub gives the headings of a page. */
function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function brokenLinksIn(path: string): readonly string[] {
  const markdown = readFileSync(path, "utf8");
  const links = [...markdown.matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : join(dirname(path), file);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(target, "utf8")).includes(anchor);
  });
}

describe.each(PAGES)("%s", (path) => {
  it("shows command lines that this version takes", () => {
    const shown = shownIn(readFileSync(path, "utf8"));
    const problems = shown.flatMap((one) => {
      const problem = problemOf(one);
      return problem === null ? [] : [`${one.words.join(" ")}: ${problem}`];
    });
    expect(problems).toEqual([]);
  });

  it("links to files and headings that exist", () => {
    expect(brokenLinksIn(path)).toEqual([]);
  });
});

it("sees the command lines of a page, and what is wrong with them", () => {
  const page = [
    "`waybill gate approve` and `waybill gate aprove`, `/waybill sync`",
    "```sh",
    'cd x && waybill gate open policy --resaon "a # b" | jq .   # waybill nothing',
    "waybill gate allowed-signers > allowed_signers",
    "waybill gate approve <proposal> --decision <sha256>",
    "waybill gate approve",
    "```",
    "```console",
    "$ dist channel list --app a",
    "waybill is not typed here",
    "```",
  ].join("\n");
  const problems = shownIn(page).map(problemOf);
  expect(problems).toEqual([
    "--resaon is no flag of this command",
    null,
    null,
    "<proposal> is missing",
    null,
    null,
    '"gate aprove" is no command',
  ]);
});
