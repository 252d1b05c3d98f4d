import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GithubStore, makeGithubStore } from "../../../../support/github-store.ts";
import { git, testAct } from "../../../../support/git-repo.ts";
import { BRANCH, changeOf, commitOf, soon } from "../../../../support/store-under-test.ts";

describe("objects that are made one by one at GitHub", () => {
  let under: GithubStore;
  beforeEach(async () => {
    under = await makeGithubStore();
  });
  afterEach(() => under.close());

  it("starts no branch in a repository without a commit, and says what to do first", async () => {
    git(under.repository.path, ["update-ref", "-d", "refs/heads/main"]);
    const attempt = under.store.apply(BRANCH, changeOf("a", { x: "1" }), soon());
    await expect(attempt).rejects.toMatchObject({ code: "state.repository.unsupported" });
    expect(await under.store.head(BRANCH)).toBeNull();
  });

  it("keeps everything beside what changes, of every kind, also in a new branch", async () => {
    const blob = await under.put("blob", Buffer.from("1"));
    const entry = (mode: string, name: string, oid: string) => [
      Buffer.from(`${mode} ${name}\0`),
      Buffer.from(oid, "hex"),
    ];
    const module = "c".repeat(40);
    const inner = await under.put(
      "tree",
      Buffer.concat([...entry("100755", "run", blob), ...entry("100644", "text", blob)]),
    );
    const rows = [
      entry("120000", "link", blob),
      entry("160000", "module", module),
      entry("40000", "same", inner),
      entry("40000", "touched", inner),
    ];
    const tree = await under.put("tree", Buffer.concat(rows.flat()));
    const who = "E <e@x> 1760000000 +0000";
    const onto = await under.put("commit", Buffer.from(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nBase\n`));
    await under.setBranch(BRANCH, onto);
    const change = changeOf("p", { "touched/new.json": "{}", "touched/text": null }, { onto });
    const at = commitOf(await under.store.apply("waybill/proposals/p", change, soon()));
    const list = git(under.repository.path, ["ls-tree", "-r", at]).split("\n");
    const document = git(under.repository.path, ["rev-parse", `${at}:touched/new.json`]);
    expect(list).toEqual([
      `120000 blob ${blob}\tlink`,
      `160000 commit ${module}\tmodule`,
      `100755 blob ${blob}\tsame/run`,
      `100644 blob ${blob}\tsame/text`,
      `100644 blob ${document}\ttouched/new.json`,
      `100755 blob ${blob}\ttouched/run`,
    ]);
  });

  it("makes nothing where a name beside the change is no text, since it would be lost", async () => {
    const blob = await under.put("blob", Buffer.from("1"));
    const odd = Buffer.concat([Buffer.from("100644 "), Buffer.from([0xff, 0]), Buffer.from(blob, "hex")]);
    const tree = await under.put("tree", odd);
    const who = "E <e@x> 1760000000 +0000";
    const onto = await under.put("commit", Buffer.from(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nOdd\n`));
    const attempt = under.store.apply("waybill/proposals/p", changeOf("p", { x: "1" }, { onto }), soon());
    await expect(attempt).rejects.toMatchObject({ code: "state.repository.unsupported" });
    expect(await under.store.head("waybill/proposals/p")).toBeNull();
  });

  it("replaces a snapshot of any bytes while another does the same: one of them stands there whole", async () => {
    const bytes = (seed: number) => Buffer.from(Uint8Array.from({ length: 90_000 }, (_, i) => (i * seed) >> 2));
    const other = await under.another();
    const made = await Promise.all([
      under.store.replace("waybill/snapshot", new Map([["core.db", bytes(7919)]]), testAct("a")),
      other.replace("waybill/snapshot", new Map([["core.db", bytes(104_729)]]), testAct("b")),
    ]);
    const tip = await (await under.another()).head("waybill/snapshot");
    expect(made).toContain(tip);
    const [found] = await under.store.read(tip!, ["core.db"]);
    const expected = tip === made[0] ? bytes(7919) : bytes(104_729);
    expect(Buffer.from("bytes" in found! ? found.bytes : []).equals(expected)).toBe(true);
    expect((await under.store.commit(tip!)).parents).toEqual([]);
  });
});
