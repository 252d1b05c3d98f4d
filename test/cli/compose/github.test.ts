import { describe, expect, it } from "vitest";
import { githubBehind, githubNamed, githubToken } from "../../../cli/compose/github.ts";
import { driverOf } from "../../../cli/compose/store.ts";
import { codeOf } from "../../support/code-of.ts";

const none = new Map<string, string>();

describe("where a repository is on GitHub", () => {
  it("is github.com, the GitHub of the workflow, or the one that is named", () => {
    expect(githubNamed("acme", "notes", none)).toMatchObject({
      apiUrl: "https://api.github.com",
      serverUrl: "https://github.com",
    });
    const ghes = new Map([["GITHUB_SERVER_URL", "https://ghe.acme.example/"]]);
    expect(githubNamed("acme", "notes", ghes).apiUrl).toBe("https://ghe.acme.example/api/v3");
    const cloud = new Map([["GITHUB_SERVER_URL", "https://acme.ghe.com"]]);
    expect(githubNamed("acme", "notes", cloud).apiUrl).toBe("https://api.acme.ghe.com");
    const named = new Map([
      ["GITHUB_API_URL", "https://api.github.com"],
      ["WAYBILL_GITHUB_API_URL", "http://127.0.0.1:4711/api/v3"],
    ]);
    expect(githubNamed("acme", "notes", named).apiUrl).toBe("http://127.0.0.1:4711/api/v3");
  });

  it.each([
    "http://ghe.acme.example/api/v3",
    "https://me:secret@ghe.acme.example",
    "file:///etc",
    "http://127.0.0.1.evil.example/api",
    "nonsense",
  ])("refuses %s, over which a token would travel in the open or elsewhere", (address) => {
    const env = new Map([["GITHUB_API_URL", address]]);
    expect(codeOf(() => githubNamed("acme", "notes", env))).toBe("usage.invalid_argument");
  });

  it.each([
    ["https://github.com/acme/notes.git", "acme/notes"],
    ["https://x-access-token:secret@github.com/acme/notes", "acme/notes"],
    ["git@github.com:acme/notes.git", "acme/notes"],
    ["ssh://git@github.com/acme/notes.git", "acme/notes"],
    ["https://github.com.evil.example/acme/notes.git", null],
    ["https://evil.example/github.com/acme/notes.git", null],
    ["https://git.example/acme/notes.git", null],
    ["/srv/acme/notes.git", null],
  ])("reads %s as %s", (url, name) => {
    const at = githubBehind(url, none);
    expect(at === null ? null : `${at.owner}/${at.repo}`).toBe(name);
  });

  it("takes the token of the workflow before that of a person", () => {
    expect(githubToken(new Map([["GH_TOKEN", "b"]]))).toBe("b");
    expect(
      githubToken(
        new Map([
          ["GITHUB_TOKEN", "a"],
          ["GH_TOKEN", "b"],
        ]),
      ),
    ).toBe("a");
    expect(githubToken(new Map([["GITHUB_TOKEN", ""]]))).toBeNull();
  });
});

describe("the driver of the branches", () => {
  const github = githubNamed("acme", "notes", none);
  const far = { location: "acme/notes", gitDir: null, workTree: null, github, made: false };
  const writer = { needs: ["ground"] } as const;

  it("is the forge's API where there is no clone, unless everything is read", () => {
    expect(driverOf(far, writer, { args: {}, token: "t", hasGit: true })).toBe("forge");
    expect(driverOf(far, { needs: ["openSnapshot"] }, { args: {}, token: "t", hasGit: true })).toBe("native");
    expect(driverOf({ ...far, gitDir: "/clone/.git" }, writer, { args: {}, token: "t", hasGit: true })).toBe("native");
    expect(driverOf(far, writer, { args: {}, token: null, hasGit: true })).toBe("native");
  });

  it("needs no git where there is none", () => {
    const at = { ...far, gitDir: "/clone/.git" };
    expect(driverOf(at, writer, { args: {}, token: "t", hasGit: false })).toBe("portable");
    expect(driverOf(far, writer, { args: {}, token: "t", hasGit: false })).toBe("forge");
    expect(driverOf(far, writer, { args: { driver: "native" }, token: "t", hasGit: false })).toBe("native");
    expect(driverOf(at, writer, { args: { driver: "portable" }, token: "t", hasGit: true })).toBe("portable");
  });

  it("can be forced, where it can be", () => {
    expect(driverOf(far, writer, { args: { driver: "native" }, token: "t", hasGit: true })).toBe("native");
    expect(driverOf(far, { needs: ["openSnapshot"] }, { args: { driver: "forge" }, token: "t", hasGit: true })).toBe(
      "forge",
    );
    const asked = { args: { driver: "forge" }, token: null, hasGit: true };
    expect(codeOf(() => driverOf(far, writer, asked))).toBe("usage.invalid_argument");
    expect(codeOf(() => driverOf(far, writer, { args: { driver: "x" }, token: "t", hasGit: true }))).toBe(
      "usage.invalid_argument",
    );
  });
});
