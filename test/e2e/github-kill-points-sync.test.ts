import { mergeAs, pushFiles } from "../github/people.ts";
import { asBob } from "../support/github-decisions.ts";
import { ask, describeSweep, lookAfter } from "../support/github-jobs.ts";
import { publish } from "../support/github-stage.ts";

describeSweep({
  name: "gate sync",
  done: { exit: 0, code: null },
  async prepare(stage) {
    const { github, repo, people } = stage.acme;
    for (const version of ["1.0.0", "2.0.0", "3.0.0"]) await publish(stage, version);
    const [winner, loser] = [await ask(stage, "1.0.0"), await ask(stage, "2.0.0")];
    const [vain, open] = [await ask(stage, "3.0.0", "beta"), await ask(stage, "2.0.0", "preview")];
    await asBob(stage, winner.number);
    await mergeAs(github, repo, winner.number, people.bob);
    await pushFiles(github, repo, `waybill/proposal/${vain.id}`, people.carol, { "README.md": "Trust me.\n" });
    await mergeAs(github, repo, vain.number, people.alice);
    await asBob(stage, open.number);
    return {
      proof: { exit: 1, code: "state.verify.violated" },
      run: () => stage.job().type("waybill", "gate", "sync"),
      look: () => lookAfter(stage, [winner, loser, vain, open]),
    };
  },
});
