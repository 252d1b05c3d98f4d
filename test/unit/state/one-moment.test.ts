import { expect, test } from "vitest";
import { createMemoryGitStore } from "../../../src/platform/memory/git-store.ts";
import { DECISIONS, STATE } from "../../../src/state/branches.ts";
import { atOneMoment } from "../../../src/state/one-moment.ts";
import { changeOf, commitOf, soon } from "../../support/store-under-test.ts";

test("facts and a decision about them that come in between are seen together or not at all", async () => {
  const store = createMemoryGitStore();
  const put = async (branch: string, name: string) =>
    commitOf(await store.apply(branch, changeOf(name, { [name]: name }), soon()));
  await put(STATE, "facts");
  await put(DECISIONS, "decision");
  let left = 1;
  const busy = {
    ...store,
    async head(branch: string) {
      const tip = await store.head(branch);
      // Behind the back of whoever asked for facts, both branches go on.
      if (branch === STATE && left-- > 0) {
        await put(STATE, "later facts");
        await put(DECISIONS, "decision about them");
      }
      return tip;
    },
  };
  const moment = await atOneMoment(busy);
  const [state, decisions] = [await store.head(STATE), await store.head(DECISIONS)];
  expect([await moment.head(STATE), await moment.head(DECISIONS)]).toEqual([state, decisions]);
  await put(STATE, "much later facts");
  expect(await moment.head(STATE)).toBe(state);
  expect(await moment.head("waybill/none")).toBeNull();
});
