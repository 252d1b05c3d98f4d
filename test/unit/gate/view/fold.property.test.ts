import fc from "fast-check";
import { expect, it } from "vitest";
import { mergeProposal } from "../../../../src/gate/review/merge.ts";
import type { Decision, Decisions } from "../../../../src/gate/core/decisions.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import { DECISIONS } from "../../../../src/state/branches.ts";
import { approved, STABLE } from "../../../support/gate-steps.ts";
import { type GateWorld, makeGateWorld } from "../../../support/gate-world.ts";
import { hostile } from "../../../support/hostile.ts";

type Step = (world: GateWorld, version: string) => Promise<unknown>;

/** What brings a version into force. */
const conforming: Readonly<Record<string, Step>> = {
  decide: async (world, version) => mergeProposal(world.ground, world.act(), await approved(world, version)),
  mergeByHand: async (world, version) => hostile(world).mergeAnyway(await approved(world, version)),
};

/** What changes the branch and may not change the view. */
const others: Readonly<Record<string, Step>> = {
  mergeUnsigned: async (world, version) => hostile(world).mergeAnyway((await world.promote(version)).proposal.id),
  squash: async (world, version) => hostile(world).squash(await approved(world, version)),
  push: (world, version) => hostile(world).put(DECISIONS, { [STABLE]: `{ "version": "${version}" }\n` }),
  extra: async (world, version) => hostile(world).mergeAnyway(await approved(world, version), { "README.md": version }),
  fastForward: async (world, version) => {
    const by = hostile(world);
    by.move(DECISIONS, await by.headOf(`waybill/proposal/${await approved(world, version)}`));
  },
  remove: (world, version) =>
    hostile(world).put(DECISIONS, { [STABLE]: null, [`${STABLE}.sig`]: null, "gone.txt": version }),
};
const steps = { ...conforming, ...others };

/** All that a view says, so that the one that goes on from the cache can be held against the one from the root. */
function seenOf(view: Decisions) {
  const { root, tip, at, policy, merged, pending, dishonoured } = view;
  const standing = view.standing(STABLE);
  return structuredClone({
    root,
    tip,
    at,
    policy: allOf(policy),
    merged: merged.map(allOf),
    pending,
    dishonoured,
    standing,
  });
}

/** A decision, whether it was judged or remembered. */
function allOf(decision: Decision) {
  const { path, proposalId, document, sha256, commit, mergedAt } = decision;
  const { grade, attestor, approvers, selfApproved, proof } = decision;
  return { path, proposalId, document, sha256, commit, mergedAt, grade, attestor, approvers, selfApproved, proof };
}

it("changes the view with a conforming merge and with nothing else, whatever happened before", {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.keys(steps)), { minLength: 1, maxLength: 8 }),
      async (taken) => {
        const world = await makeGateWorld();
        let expected: string | undefined;
        let count = 0;
        for (const [i, name] of taken.entries()) {
          world.pass(1);
          await steps[name]?.(world, `${i + 1}.0.0`);
          if (name in conforming) {
            expected = `${i + 1}.0.0`;
            count += 1;
          }
          const decisions = await loadDecisions(world.ground);
          const document = decisions.find(STABLE)?.document;
          expect([taken.slice(0, i + 1), document && "version" in document && document.version]).toEqual([
            taken.slice(0, i + 1),
            expected,
          ]);
          expect(decisions.merged).toHaveLength(count + 1);
          const whole = await loadDecisions(world.ground, { at: decisions.tip });
          expect(seenOf(whole)).toEqual(seenOf(decisions));
        }
      },
    ),
    { numRuns: 15 },
  );
});
