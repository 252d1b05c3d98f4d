import { describe, expect, it } from "vitest";
import { isData, type Data } from "../../src/kernel/json.ts";
import { serveGit } from "../support/http-git-server.ts";
import { errorOf } from "../support/tampering-checks.ts";
import { eventsOf, type Ground, historyOf, type Line, makeGround, verified, worker } from "../support/many-machines.ts";

const WRITERS = 8;
/** A push over HTTP starts six processes, so there are fewer of them. */
const ROUNDS = { "a path": 5, "smart HTTP": 2 } as const;
const TIMEOUT_MS = 300_000;
const sound = { hasGaps: false, merges: "0", operationsTwice: 0, fsck: "" };
const everybody = Array.from({ length: WRITERS }, (_, i) => i);

/** Five operations a round: an app of one's own, the app of all, its channel held and let go, a release. */
function linesOf(ground: Ground, writer: number, rounds: number): readonly Line[] {
  return Array.from({ length: rounds }, (_, round): readonly Line[] => [
    ["dist", "app", "create", `app-${writer}-${round}`, "--name", `App ${writer} ${round}`],
    ["dist", "app", "set", "acme", "--name", `Acme as ${writer} called it in round ${round}`],
    ["dist", "channel", "hold", "internal", "--app", `app-${writer}-${round}`, "--reason", "test"],
    ["dist", "channel", "unhold", "internal", "--app", `app-${writer}-${round}`],
    ["dist", "ci", "publish", "--manifest", ground.manifest(`1.${writer}.${round}`, { "a.bin": `${writer} ${round}` })],
  ]).flat();
}

function outcomeOf(answer: Data): unknown {
  return isData(answer["result"]) && answer["exit"] === 0 ? answer["result"]["outcome"] : errorOf(answer)["code"];
}

function releaseIdOf(answer: Data): unknown {
  const result = answer["result"];
  return isData(result) && isData(result["release"]) ? result["release"]["id"] : undefined;
}

describe("eight people who work at once", () => {
  it.each(["a path", "smart HTTP"] as const)(
    "land every operation once, by %s",
    { timeout: TIMEOUT_MS },
    async (how) => {
      const ground = await makeGround();
      const server = how === "a path" ? null : await serveGit(ground.machine.folder);
      const env = server === null ? {} : { DIST_SERVER: `${server.url}/repo.git` };
      const before = eventsOf(ground);
      const answers = await Promise.all(everybody.map((i) => worker(ground, linesOf(ground, i, ROUNDS[how]), env)));
      await server?.stop();
      expect(answers.flat().flatMap((answer) => (answer["exit"] === 0 ? [] : [answer["error"]]))).toEqual([]);
      const all = WRITERS * ROUNDS[how];
      const added = Object.entries(eventsOf(ground)).map(([name, count]) => [name, count - (before[name] ?? 0)]);
      const facts = ["artifact.uploaded", "release.draft_created", "release.published", "app.created"];
      expect(Object.fromEntries(added)).toMatchObject(Object.fromEntries(facts.map((name) => [name, all])));
      // Creating, changing, holding and letting go are one event each; publishing is three.
      expect(added.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(7 * all);
      expect(historyOf(ground)).toEqual(sound);
      expect(await verified(ground)).toEqual([0, null]);
    },
  );

  it("make one release of a version that all of them publish at once", async () => {
    const ground = await makeGround();
    const manifest = ground.manifest("1.0.0", { "a.bin": "a", "b.bin": "b" }, "internal");
    const line: Line = ["dist", "ci", "publish", "--manifest", manifest];
    const first = await Promise.all(everybody.map(() => worker(ground, [line])));
    const outcomes = first.flat().map(outcomeOf);
    expect(outcomes.filter((outcome) => outcome === "created")).toEqual(["created"]);
    expect(["created", "resumed", "unmodified"]).toEqual(expect.arrayContaining(outcomes));
    expect(eventsOf(ground)).toMatchObject({
      "release.draft_created": 1,
      "release.published": 1,
      "artifact.uploaded": 2,
    });
    const ids = new Set(first.flat().map(releaseIdOf));
    expect(ids.size).toBe(1);
    expect(historyOf(ground)).toEqual(sound);
    expect(await verified(ground)).toEqual([0, null]);
  });

  it("agree on one winner where they publish different bytes as one version", async () => {
    const ground = await makeGround();
    const build = (content: string): Line => [
      "dist",
      "ci",
      "publish",
      "--manifest",
      ground.manifest("1.0.0", { "a.bin": content }),
    ];
    const lines = everybody.map((i) => build(`bytes of ${i}`));
    const answers = await Promise.all(lines.map((line) => worker(ground, [line])));
    const first = answers.map(([answer = {}]) => outcomeOf(answer));
    expect(first.filter((outcome) => outcome === "created")).toEqual(["created"]);
    const refused = ["created", "dist.release.in_progress", "dist.release.already_published"];
    expect(refused).toEqual(expect.arrayContaining(first));
    // The second time each knows that somebody has won.
    const again = await Promise.all(lines.map((line) => worker(ground, [line])));
    const wanted = first.map((outcome) => (outcome === "created" ? "unmodified" : "dist.release.already_published"));
    expect(again.flat().map(outcomeOf)).toEqual(wanted);
    expect(eventsOf(ground)).toMatchObject({
      "release.draft_created": 1,
      "release.published": 1,
      "artifact.uploaded": 1,
    });
    expect(await verified(ground)).toEqual([0, null]);
  });

  it("merge one of two proposals for one pointer, and the other is superseded", async () => {
    const ground = await makeGround();
    for (const version of ["1.0.0", "1.1.0"]) {
      await ground.sure(["dist", "ci", "publish", "--manifest", ground.manifest(version, { "a.bin": version })]);
      await ground.sure(
        ["dist", "release", "promote", `acme@${version}`, "--channel", "stable", "--reason", "test"],
        3,
      );
    }
    const proposals = ground
      .git("for-each-ref", "--format=%(refname:lstrip=4)", "refs/heads/waybill/proposal/")
      .split("\n");
    expect(proposals).toHaveLength(2);
    for (const id of proposals) await ground.sure(["waybill", "gate", "approve", id]);
    const answers = await Promise.all(proposals.map((id) => worker(ground, [["waybill", "gate", "merge", id]])));
    const merged = answers.flat().filter(({ exit }) => exit === 0);
    expect(merged).toHaveLength(1);
    expect(ground.git("rev-list", "--count", "--merges", "waybill/decisions")).toBe("1");
    await ground.sure(["waybill", "gate", "sync"]);
    expect(ground.git("for-each-ref", "refs/heads/waybill/proposal/")).toBe("");
    expect(await verified(ground)).toEqual([0, null]);
  });
});
