import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gitObject } from "../../../../../src/platform/git/objects.ts";
import { treeOf } from "../../../../../src/platform/git/tree.ts";
import type { CommitAnswer, TreeAnswer } from "../../../../../src/platform/github/git/answers.ts";
import { rebuild } from "../../../../../src/platform/github/git/rebuild.ts";
import { git, gitBytes, makeFolder } from "../../../../support/git-repo.ts";
import { hasSshKeygen, sshFolder } from "../../../../support/ssh-keygen.ts";
import { oidLike } from "../../../../support/store-under-test.ts";

const oid = oidLike("0".repeat(40), "a");

describe("rebuild", () => {
  const folder = makeFolder();
  const raw = (rev: string, kind: string) => gitBytes(folder.path, ["cat-file", kind, rev]);
  beforeAll(() => {
    const { path } = folder;
    const at = (...args: string[]) => git(path, ["-c", "user.name=Zoë Ünal", ...args]);
    git(path, ["init", "-q"]);
    at("commit", "-q", "--allow-empty", "-m", "Root\n\nBody\n\nWaybill-Seq: 1");
    at("commit", "-q", "--allow-empty", "--date", "2026-03-01T10:00:00+0545", "-m", "Another zone");
    at("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", "No line break at the end");
    at("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", "Three\n\n\n");
    at("switch", "-q", "-c", "side", "HEAD~2");
    at("commit", "-q", "--allow-empty", "-m", "Side");
    at("switch", "-q", "-");
    at("merge", "-q", "--no-ff", "-m", "Merge", "side");
    if (!hasSshKeygen) return;
    const keys = sshFolder();
    const signing = ["-c", "gpg.format=ssh", "-c", `user.signingkey=${keys.key("k", "ed25519").path}`];
    at(...signing, "commit", "-S", "-q", "--allow-empty", "-m", "Signed");
    keys.close();
  });
  afterAll(() => folder.remove());

  it("makes every commit of a repository again from its parts", () => {
    const ids = git(folder.path, ["rev-list", "HEAD"]).split("\n");
    expect(ids.length).toBe(hasSshKeygen ? 7 : 6);
    for (const id of ids) {
      const bytes = raw(id, "commit");
      expect(Buffer.from(rebuild(told(id, bytes))!.content).equals(bytes)).toBe(true);
    }
  });

  it("puts a signature back where it was, with and without the empty line at its end", () => {
    const body = "tree " + "b".repeat(40) + "\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000";
    const forms = [
      `${body}\ngpgsig -----BEGIN\n \n abc\n -----END\n\nText\n`,
      `${body}\ngpgsig -----BEGIN\n \n abc\n -----END\n \n\nText`,
      `${body}\ngpgsig -----BEGIN\n -----END\nencoding UTF-8\n\nText\n`,
    ];
    for (const form of forms) {
      const object = gitObject("sha1", "commit", Buffer.from(form));
      const answer = told(object.oid, Buffer.from(form));
      expect(answer.signature).not.toBeNull();
      expect(rebuild(answer)?.oid).toBe(object.oid);
    }
  });

  it.each([
    ["tree", (answer: CommitAnswer) => ({ ...answer, tree: { oid } })],
    ["message", (answer: CommitAnswer) => ({ ...answer, message: `${answer.message}x` })],
    [
      "time",
      (answer: CommitAnswer) => ({ ...answer, committer: { ...answer.committer!, date: "2026-01-01T00:00:00Z" } }),
    ],
    ["author", (answer: CommitAnswer) => ({ ...answer, author: null })],
    ["parents", (answer: CommitAnswer) => ({ ...answer, parents: { totalCount: 3, nodes: answer.parents.nodes } })],
    ["id", (answer: CommitAnswer) => ({ ...answer, oid })],
  ])("makes nothing of a commit whose %s is another", (_what, change) => {
    const id = git(folder.path, ["rev-list", "--merges", "HEAD"]);
    const answer = told(id, raw(id, "commit"));
    expect(rebuild(answer)?.oid).toBe(id);
    expect(rebuild(change(answer))).toBeNull();
  });

  it.skipIf(!hasSshKeygen)("makes nothing of a signed commit whose payload was changed", () => {
    const id = git(folder.path, ["rev-parse", "HEAD"]);
    const answer = told(id, raw(id, "commit"));
    const payload = answer.signature!.payload.replace("Signed", "Sighed");
    expect(rebuild({ ...answer, message: "Sighed", signature: { ...answer.signature!, payload } })).toBeNull();
  });

  it("makes every tree again, in whatever order it is told and whatever bytes its names have", () => {
    const name = fc.oneof(
      fc.string({ minLength: 1, maxLength: 8 }).map((text) => Buffer.from(text.replaceAll(/[/\0]/g, "_"))),
      fc
        .uint8Array({ minLength: 1, maxLength: 4 })
        .map((bytes) => Buffer.from(bytes.map((b) => (b === 0 || b === 47 ? 95 : b)))),
    );
    const mode = fc.constantFrom("100644", "100755", "120000", "40000", "160000");
    const entries = fc.uniqueArray(fc.record({ name, mode }), {
      minLength: 1,
      selector: (entry) => entry.name.toString("hex"),
    });
    fc.assert(
      fc.property(entries, (made) => {
        const { content } = treeOf(
          made.map((entry) => ({ mode: entry.mode, name: "", raw: entry.name, oid })),
          "sha1",
        );
        const object = gitObject("sha1", "tree", content);
        const answer: TreeAnswer = {
          kind: "Tree",
          oid: object.oid,
          entries: made.map((entry) => ({
            nameRaw: entry.name.toString("base64"),
            mode: Number.parseInt(entry.mode, 8),
            oid,
          })),
        };
        expect(rebuild(answer)?.oid).toBe(object.oid);
        const fewer = { ...answer, entries: answer.entries!.slice(1) };
        expect(rebuild(fewer)).toBeNull();
      }),
    );
  });

  it("makes a blob of its text, and nothing of one that is cut short or no text", () => {
    const text = '{\r\n  "ü": "\u{1F600}"\n}\n';
    const { oid: id, content } = gitObject("sha1", "blob", Buffer.from(text));
    const answer = {
      kind: "Blob" as const,
      oid: id,
      byteSize: content.length,
      isBinary: false,
      isTruncated: false,
      text,
    };
    expect(rebuild(answer)?.content).toEqual(content);
    expect(rebuild({ ...answer, isTruncated: true })).toBeNull();
    expect(rebuild({ ...answer, isBinary: true, text: null })).toBeNull();
    expect(rebuild({ ...answer, text: text.replaceAll("\r", "") })).toBeNull();
    expect(rebuild({ kind: "Tag", oid: id })).toBeNull();
  });
});

/** What GitHub's GraphQL says of a raw commit. */
function told(id: string, bytes: Buffer): CommitAnswer {
  const text = bytes.toString("utf8");
  const end = text.indexOf("\n\n");
  const [head, message] = [text.slice(0, end), text.slice(end + 2)];
  const all = (key: string) => [...head.matchAll(new RegExp(`^${key} (.*)$`, "gm"))].map((found) => found[1]!);
  const actor = (line: string) => {
    const [, name, email, seconds, sign, hours, minutes] = /^(.*) <(.*)> (\d+) ([+-])(\d\d)(\d\d)$/.exec(line)!;
    const shiftMs = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
    const local = new Date(Number(seconds) * 1000 + shiftMs).toISOString().slice(0, 19);
    return { name: name!, email: email!, date: shiftMs === 0 ? `${local}Z` : `${local}${sign}${hours}:${minutes}` };
  };
  const signed = /^gpgsig .*(?:\n .*)*\n?/m.exec(head);
  return {
    kind: "Commit",
    oid: id,
    tree: { oid: all("tree")[0]! },
    parents: { totalCount: all("parent").length, nodes: all("parent").map((parent) => ({ oid: parent })) },
    author: actor(all("author")[0]!),
    committer: actor(all("committer")[0]!),
    message,
    signature:
      signed === null
        ? null
        : {
            signature: signed[0].trimEnd().slice("gpgsig ".length).replaceAll("\n ", "\n"),
            payload: `${head.replace(signed[0], "").replace(/\n$/, "")}\n\n${message}`,
          },
  };
}
