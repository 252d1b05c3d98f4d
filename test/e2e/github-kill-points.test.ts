import { asBob, DECISIONS } from "../support/github-decisions.ts";
import { ask, describeSweep, fresh, type Job, lookAfter, seenOf, sound } from "../support/github-jobs.ts";
import { eventsIn, promotion, publish } from "../support/github-stage.ts";

const jobs: readonly Job[] = [
  {
    name: "dist release promote",
    done: { exit: 3, code: "gate.merge.waiting" },
    async prepare(stage) {
      await publish(stage, "1.0.0");
      const { repo } = stage.acme;
      const decisions = await repo.ref(DECISIONS);
      return {
        proof: sound,
        run: () => fresh(stage, "alice", promotion("1.0.0")),
        async look() {
          const open = repo.features.pulls.all.filter(({ state }) => state === "open");
          const { "promotion.proposed": proposed } = await eventsIn(stage);
          return {
            pulls: open.map(({ number }) => seenOf(stage, number)),
            branches: (await repo.refs("refs/heads/waybill/proposal/")).length,
            proposed,
            isStill: (await repo.ref(DECISIONS)) === decisions,
          };
        },
      };
    },
  },
  {
    name: "gate merge",
    done: { exit: 0, code: null },
    async prepare(stage) {
      for (const version of ["1.0.0", "2.0.0"]) await publish(stage, version);
      const [winner, loser] = [await ask(stage, "1.0.0"), await ask(stage, "2.0.0")];
      for (const { number } of [winner, loser]) await asBob(stage, number);
      return {
        proof: sound,
        run: () => fresh(stage, "bob", ["waybill", "gate", "merge", winner.id]),
        look: () => lookAfter(stage, [winner, loser]),
      };
    },
  },
];

for (const job of jobs) describeSweep(job);
