import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeBlock, details, hidden, inline, type Span, table, withoutAddress } from "../../../src/kernel/markdown.ts";

/** Text that strangers write into names, notes and reasons. */
const NASTY = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<!-- waybill:proposal prop_forged -->",
  "--> <b>out</b>",
  "</details><h1>Approved</h1>",
  "[click](javascript:alert(1))",
  "![pixel](https://evil.example/p.png)",
  "[ref]: https://evil.example",
  "a | b | c",
  "\\| \\\\| `|`",
  "`code` ``two`` ```` four ````",
  "line\n\n# Approved\n\n- [x] done",
  "line\r\n| a | b |\r\n|---|---|",
  "> quoted",
  "1. first",
  "- item",
  "\n\n- item",
  " 1. item",
  "<!--]:@bob",
  "+ item",
  "===",
  "---",
  "***bold*** __bold__ ~~gone~~",
  "@alice and @acme/owners, please approve",
  "fixes #1, closes acme/notes#2, GH-3",
  "https://evil.example/a?b=c www.evil.example ftp://evil.example",
  "write to alice@example.com now",
  "::set-output name=x::y",
  "::error::no",
  "\u001b[31mred\u001b[0m",
  "\u202egnp.exe",
  "zero\u200bwidth",
  "&#64;alice &lt;b&gt;",
  "$x^2$ and $$y$$",
  "\u0301combining",
  "",
  " ",
] as const;

/** Puts `x` where escaping was at work: an escaped character, a code span or element, an entity; each parsed from the left. */
function bare(markdown: string): string {
  return markdown.replaceAll(/\\[!-/:-@[-`{-~]|<code>[^<>`|]*<\/code>|`[^`\n|]*`|&(?:#\d+|amp|lt|gt);/g, "x");
}

/** What is left has nothing that Markdown, HTML, or GitHub's own filters would take for more than text. */
function expectHarmless(markdown: string): void {
  expect(markdown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  const rest = bare(markdown);
  expect(rest.replaceAll(/(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])/g, "")).not.toMatch(/[<>|`[\]*_~\\&@#$]/);
  expect(rest).not.toMatch(/:\/\/|www\.|\bgh-\d/i);
  expect(rest).not.toMatch(/^ *(?:[-+=](?:[-+= ]|$)|\d+[.)](?: |$))/);
  expect(rest).not.toMatch(/!$/);
}

const anySpan = (text: string): readonly Span[] => [text, { code: text }, { strong: text }, { link: text, text }];

describe("a line of Markdown", () => {
  it.each(NASTY)("holds nothing but text for %j", (text) => {
    expectHarmless(inline(text));
    expectHarmless(inline({ code: text }));
    expectHarmless(`x${inline({ strong: text }).replaceAll("**", "")}`);
  });

  it("holds nothing but text for any mixture", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: "binary" })), { maxLength: 4 }),
        (texts) => {
          expectHarmless(inline(texts.join("")));
          expectHarmless(inline({ code: texts.join("") }));
        },
      ),
    );
  });

  it("keeps prose readable", () => {
    expect(inline("Offline search, 1.4 (412): faster!")).toBe("Offline search, 1.4 (412): faster\\!");
    expect(inline("by ", { code: "acme-notes.apk" }, " on ", { strong: "stable" })).toBe(
      "by `acme-notes.apk` on **stable**",
    );
    expect(inline("1.4.0 of android_apk, -5 _x_")).toBe("1.4.0 of android_apk, -5 \\_x\\_");
    expect(inline("thanks to @bob in #12")).toBe("thanks to `@bob` in `#12`");
  });

  it("writes a backtick or a bar in code as an element of its own", () => {
    expect(inline({ code: "a|b" })).toBe("`a`<code>&#124;</code>`b`");
    expect(inline({ code: "`" })).toBe("<code>&#96;</code>");
    expect(inline({ code: " a" })).toBe("` a`");
    expect(inline({ code: " a b " })).toBe("`  a b  `");
  });

  it("leaves e-mail addresses out, and versions in", () => {
    expect(inline("write to <alice@example.co.uk>")).not.toContain("alice");
    expect(withoutAddress("Alice <alice+x@163.com>")).toBe("Alice <(address left out)>");
    expect(withoutAddress("acme-notes@1.4.0-rc.beta")).toBe("acme-notes@1.4.0-rc.beta");
  });

  it("links to addresses of the web only, and lets none out of its brackets", () => {
    expect(inline({ link: "https://github.com/acme/notes/commit/abc", text: "abc", isCode: true })).toBe(
      "[`abc`](https://github.com/acme/notes/commit/abc)",
    );
    expect(inline({ link: "https://a.example/", text: "x]:@y", isCode: true })).toBe(
      "[`x`<code>&#93;</code>`:@y`](https://a.example/)",
    );
    expect(inline({ link: "javascript:alert(1)", text: "run" })).toBe("run");
    expect(inline({ link: "https://user:secret@evil.example/", text: "run" })).toBe("run");
    expect(inline({ link: "https://a.example/) [x](y", text: "a](b" })).toBe(
      "[a\\](b](https://a.example/%29%20%5Bx%5D%28y)",
    );
    for (const text of NASTY) {
      const printed = inline({ link: `https://a.example/${text}`, text: "go" });
      expect(printed).toMatch(/^\[go\]\([A-Za-z0-9\-._~:/?#@!$&+,;=%]+\)$/);
    }
  });
});

describe("a table", () => {
  it("keeps its shape whatever the cells hold", () => {
    for (const text of NASTY) {
      const rows = anySpan(text).map((span) => [[span], ["end"]]);
      const lines = table([{ title: ["A"] }, { title: ["B"], align: "right" }], rows).split("\n");
      expect(lines).toHaveLength(2 + rows.length);
      expect(lines[1]).toBe("|---|--:|");
      for (const line of lines) expect(line.match(/\|/g)).toHaveLength(3);
    }
  });
});

describe("a block of code", () => {
  it.each(["```\n</details>", "`````", "a\n~~~\n````x"])("cannot be left by %j", (text) => {
    const [fence = "", ...rest] = codeBlock(text).split("\n");
    expect(rest.pop()).toBe(fence);
    expect(rest.some((line) => line.trimStart().startsWith(fence))).toBe(false);
  });

  it("shows control and bidirectional characters, and keeps lines and indents", () => {
    expect(codeBlock("{\n  \u202e\u001b\n}\n")).toBe("```\n{\n  \\u{202e}\\u{1b}\n}\n```");
  });
});

describe("a hidden marker", () => {
  it("never ends its comment early, and is another for another text", () => {
    const texts = ["a-b", "a--b", "a%2d;-b", "a-", "a->", "a--!>", ">", "a b", "\u202e", "x -->"];
    const printed = texts.map((text) => hidden(text));
    for (const one of printed) expect(one).toMatch(/^<!-- (?:(?!--)[^>\n])* -->$/);
    expect(new Set(printed).size).toBe(texts.length);
    expect(hidden("waybill:proposal prop_9c3t6x1zk8vm")).toBe("<!-- waybill:proposal prop_9c3t6x1zk8vm -->");
  });
});

describe("details", () => {
  it("hold no markup in their summary", () => {
    const [first] = details("<b>@alice</b> | x", "body").split("\n");
    expect(first).toBe("<details><summary>&#60;b&#62;&#64;alice&#60;&#47;b&#62; &#124; x</summary>");
  });
});
