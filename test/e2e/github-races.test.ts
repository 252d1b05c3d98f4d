import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/kernel/digest.ts";
import { approve } from "../github/people.ts";
import {
  at,
  clone,
  eventsIn,
  historyOf,
  makeStage,
  promotion,
  proposalOf,
  publish,
  type Stage,
} from "../support/github-stage.ts";

const JOBS = 12;
const RUNNERS = 6;
const versions = Array.from({ length: JOBS }, (_, i) => `1.${i}.0`);

/** Every release as GitHub holds it: tag, whether it is a draft, and the bytes of its assets. */
function releasesOf({ acme }: Stage): readonly string[] {
  const all = acme.repo.features.releases.all;
  return all.map(({ tag, draft, assets }) => `${tag} ${draft} ${assets.map(({ digest }) => digest).join()}`).toSorted();
}

describe("12 publishing jobs and 6 promotions on one repository at once", () => {
  it("all land, and of the promotions one wins and the others say how to go on", async () => {
    const stage = await makeStage();
    const { acme, carol } = stage;
    const { pulls, issues } = acme.repo.features;
    for (const version of ["0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0", "0.6.0"]) {
      const job = stage.job();
      await job.sure(["dist", "ci", "publish", "--manifest", stage.build(job.machine, version)]);
    }
    const asking = Array.from({ length: RUNNERS }, (_, i) =>
      stage
        .seat(acme.tokens.alice, { GIT_AUTHOR_NAME: "alice", GIT_AUTHOR_EMAIL: "alice@acme.example" })
        .type(...promotion(`0.${i + 1}.0`)),
    );
    const [published, asked] = await Promise.all([
      Promise.all(versions.map((version) => publish(stage, version))),
      Promise.all(asking),
    ]);
    expect(
      published.map((answer) => [answer["exit"], answer["error"] ?? null, at(answer, "result", "outcome")]),
    ).toEqual(versions.map(() => [0, null, "created"]));
    expect(asked.map((answer) => [answer["exit"], at(answer, "error", "code")])).toEqual(
      asked.map(() => [3, "gate.merge.waiting"]),
    );
    const all = [...versions, ...asked.map((_, i) => `0.${i + 1}.0`)];
    expect(releasesOf(stage)).toEqual(
      all.map((one) => `acme-notes-v${one} false sha256:${sha256Hex(`the tool, ${one}\n`)}`).toSorted(),
    );

    // Every proposal is approved, and bob merges all of them at once: one wins, and what it wins over is looked after by a job.
    const proposals = asked.map(proposalOf);
    expect(new Set(proposals.map(({ number }) => number)).size).toBe(RUNNERS);
    for (const { number } of proposals) await approve(acme.github, acme.repo, number, acme.people.bob);
    const merges = await Promise.all(
      proposals.map(({ id }) => stage.seat(acme.tokens.bob).type("waybill", "gate", "merge", id)),
    );
    expect(merges.map(({ exit }) => exit).toSorted((a, b) => Number(a) - Number(b))).toEqual([0, 1, 1, 1, 1, 1]);
    const won = merges.findIndex(({ exit }) => exit === 0);
    const winner = proposals[won]!;
    await stage.job().sure(["waybill", "gate", "sync"]);

    expect([pulls.get(winner.number)?.mergedAt, issues.commentsOf(winner.number)]).toEqual([expect.any(String), []]);
    for (const [i, { id, number }] of proposals.entries()) {
      if (id === winner.id) continue;
      const comments = issues.commentsOf(number).map(({ body }) => body);
      const pull = pulls.get(number)!;
      expect([pull.state, pull.mergedAt, comments.length], `#${number}`).toEqual(["closed", null, 1]);
      expect(comments[0]).toContain(`#${winner.number} was merged first, so acme-notes stable is now 0.${won + 1}.0`);
      expect(comments[0]).toContain(`dist release promote acme-notes@0.${i + 1}.0 --channel stable`);
      const shown = acme.repo.features.statuses.newest(pull.headSha);
      expect(shown.map(({ context, state, description }) => `${context} ${state} ${description}`)).toEqual([
        `waybill/verdict failure Superseded by #${winner.number}; the last comment says how to repeat`,
      ]);
      expect(await acme.repo.ref(`refs/heads/waybill/proposal/${id}`)).toBeNull();
    }
    expect(await eventsIn(stage)).toMatchObject({
      "artifact.uploaded": JOBS + RUNNERS,
      "release.published": JOBS + RUNNERS,
      "promotion.proposed": RUNNERS,
      "promotion.superseded": RUNNERS - 1,
    });
    expect(await historyOf(stage)).toEqual({ hasGaps: false, merges: "0", operationsTwice: 0 });
    const listed = await carol.sure(["dist", "channel", "list", "--app", "acme-notes"]);
    expect(at(listed, "result", "channels")).toMatchObject([{ name: "stable", version: `0.${won + 1}.0` }]);
    const cloned = await clone(stage);
    expect(await carol.type("waybill", "state", "verify", "--server", cloned, "--offline")).toMatchObject({ exit: 0 });
  });
});
