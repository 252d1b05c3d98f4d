import { beforeAll, describe, expect, it } from "vitest";
import { attestMerge, evidenceToAttest, type ToAttest } from "../../../../src/gate/sync/attest-merge.ts";
import { attestedBytes } from "../../../../src/gate/core/evidence.ts";
import { evidenceKey } from "../../../../src/gate/documents.ts";
import { attest } from "../../../../src/gate/sync/evidence.ts";
import { showProposal } from "../../../../src/gate/review/show.ts";
import { verifyRepository } from "../../../../src/gate/verify/verify-repository.ts";
import { isRefused, orThrow } from "../../../../src/kernel/errors.ts";
import type { DecisionEvidenceV1, PolicyV1, TrustedRoot } from "../../../../src/schema/types.gen.ts";
import { STATE } from "../../../../src/state/branches.ts";
import { openState } from "../../../../src/state/transact.ts";
import { type ForgeWorld, makeForgeWorld, trust } from "../../../support/forge-world.ts";
import { lookAt, sign } from "../../../support/gate-steps.ts";
import { makeKey } from "../../../support/gate-world.ts";
import { hostile } from "../../../support/hostile.ts";
import {
  ATTESTOR,
  type BundleOptions,
  makeSigstore,
  REPOSITORY,
  type Sigstore,
  workflow,
} from "../../../support/sigstore.ts";

let sigstore: Sigstore;
beforeAll(async () => {
  sigstore = await makeSigstore();
});

interface Case {
  readonly attestors?: PolicyV1["attestors"];
  readonly roots?: readonly TrustedRoot[] | null;
}

/** A world whose channels ask an attestor, with one merge that bob approved and nobody attested. */
async function waiting({ attestors = ATTESTOR, roots = [sigstore.root] }: Case = {}) {
  const rest = roots === null ? {} : { roots };
  const world = await makeForgeWorld({ defaults: { proof: "attested" }, attestors, ...rest });
  const { proposal } = await world.promote("1.0.0");
  await world.github.review(1, world.bob);
  await world.github.mergeInUi(1, world.alice);
  return { world, id: proposal.id };
}

async function toSign(world: ForgeWorld, which: string | null = null): Promise<ToAttest> {
  return orThrow((await evidenceToAttest(world.ground, which))!);
}

async function bundleFor(world: ForgeWorld, options: BundleOptions = {}): Promise<string> {
  return JSON.stringify(await sigstore.bundle(Buffer.from((await toSign(world)).text), options));
}

const record = (world: ForgeWorld, which: string, bundle: string) =>
  attestMerge(world.ground, world.act("ci"), { which, bundle });

async function evidenceIn(world: ForgeWorld, id: string): Promise<DecisionEvidenceV1 | undefined> {
  return (await openState(world.ground)).find("decision-evidence.v1", evidenceKey(id));
}

/** Evidence as a writer puts it there without asking anybody. */
async function plant(world: ForgeWorld, evidence: DecisionEvidenceV1): Promise<void> {
  const path = `decisions/${evidenceKey(evidence.proposal_id)["folder"]}/${evidence.proposal_id}.json`;
  await hostile(world).put(STATE, { [path]: world.ground.schemas.print("decision-evidence.v1", evidence) });
}

async function forget(world: ForgeWorld): Promise<void> {
  for (const name of await world.ground.cache.names("")) await world.ground.cache.remove(name);
}

const parsed = (world: ForgeWorld, { text }: ToAttest) =>
  world.ground.schemas.parse("decision-evidence.v1", Buffer.from(text), "evidence");

describe("a merge that waits for a workflow to vouch", () => {
  it("comes into force with a bundle over the bytes that gate evidence prints, once", async () => {
    const { world, id } = await waiting();
    expect(await world.fates()).toEqual(["pending proof"]);
    const { unknown } = await world.sync();
    expect(unknown[0]!.message).toContain("waybill gate evidence");
    const evidence = await toSign(world);
    expect(evidence).toMatchObject({ proposal_id: id, path: "channels/notes/stable.json" });
    expect(await toSign(world, id)).toEqual(evidence);
    const bundle = await bundleFor(world);
    const done = orThrow(await record(world, id, bundle));
    expect(done).toMatchObject({ created: true, problem: null, decision: { grade: "attested", attestor: "ci" } });
    expect([await world.version(), await world.fates()]).toEqual(["1.0.0", []]);
    expect(await evidenceToAttest(world.ground, null)).toBeNull();
    const tip = await world.store.head(STATE);
    expect(orThrow(await record(world, id, bundle)).created).toBe(false);
    // What is settled is asked of nobody again, on a machine that remembers nothing too.
    await forget(world);
    const synced = await world.sync();
    expect([synced.unknown, synced.alarms, synced.recorded]).toEqual([[], [], []]);
    expect(await world.store.head(STATE)).toBe(tip);
  });

  it("is told by readers of a clone, the attestor by name, from the cache too", async () => {
    const { world, id } = await waiting();
    orThrow(await record(world, id, await bundleFor(world, { statement: {} })));
    const { forge: _, ...clone } = world.ground;
    const shown = async () => (await showProposal(clone, world.act(), id)).result.decision;
    expect(await shown()).toMatchObject({ grade: "attested", attestor: "ci", approvers: ["bob"] });
    await world.promote("1.1.0");
    expect(await shown()).toMatchObject({ grade: "attested", attestor: "ci" });
    await forget(world);
    expect(await shown()).toMatchObject({ grade: "attested", attestor: "ci" });
  });

  it("is recorded as not honoured where the evidence says that nobody approved it", async () => {
    const world = await makeForgeWorld({
      defaults: { proof: "attested" },
      attestors: ATTESTOR,
      roots: [sigstore.root],
    });
    const { proposal } = await world.promote("1.0.0");
    await world.github.mergeInUi(1, world.mallory);
    const done = orThrow(await record(world, proposal.id, await bundleFor(world)));
    expect(done).toMatchObject({ created: true, decision: null });
    expect(done.problem).toContain("approvals");
    expect(await world.version()).toBeNull();
  });
});

it("is proven offline from the root, by an independent walk", async () => {
  const { world, id } = await waiting();
  orThrow(await record(world, id, await bundleFor(world)));
  const { forge: _, ...clone } = world.ground;
  const how = { version: "test", rules: [], checks: [], ending: () => [], full: true, progress: () => undefined };
  const { violations, pending } = await verifyRepository(clone, how);
  expect([violations, pending]).toEqual([[], []]);
});

describe("a bundle of which policy knows nothing", () => {
  const uri = (path: string, ref: string, repository = REPOSITORY) => `${repository}/.github/workflows/${path}@${ref}`;
  const run = (path: string, ref: string) => {
    const started = uri(path, ref);
    return workflow({ 9: started, 14: ref, 18: started });
  };
  it("is refused before anything is written, and moves nothing where a writer plants it", async () => {
    const { world, id } = await waiting();
    const before = await world.store.head(STATE);
    const evidence = parsed(world, await toSign(world));
    const other = await makeSigstore();
    const bytes = attestedBytes(evidence);
    const bundles: readonly (readonly [string, string])[] = [
      ["repository 4712", await bundleFor(world, { workflow: workflow({ 15: "4712" }) })],
      ["token.example", await bundleFor(world, { workflow: workflow({ 8: "https://token.example" }) })],
      ["other.yml", await bundleFor(world, { workflow: run("other.yml", "refs/heads/main") })],
      ["refs/heads/feature", await bundleFor(world, { workflow: run("waybill-gate-sync.yml", "refs/heads/feature") })],
      ["refs/tags/main", await bundleFor(world, { workflow: run("waybill-gate-sync.yml", "refs/tags/main") })],
      ["refs/pull/1/merge", await bundleFor(world, { workflow: run("waybill-gate-sync.yml", "refs/pull/1/merge") })],
      ["certificate chain", await bundleFor(world, { lateMinutes: 20 })],
      ["timestamps", await bundleFor(world, { log: "none" })],
      ["vouches for nothing", JSON.stringify(await other.bundle(bytes))],
      ["other bytes", JSON.stringify(await sigstore.bundle(Buffer.from("{}\n")))],
      ["vouches for nothing", "{}"],
      ["larger", "[".repeat(200_000)],
    ];
    for (const [why, bundle] of bundles) {
      await expect(record(world, id, bundle)).rejects.toThrow(why);
      await expect(record(world, id, bundle)).rejects.toMatchObject({ code: "gate.attest.refused" });
      expect(await world.store.head(STATE)).toBe(before);
      if (bundle.length > 65_536) continue;
      await plant(world, { ...evidence, bundle });
      expect([why, await world.version(), await world.fates()]).toEqual([why, null, ["pending proof"]]);
      hostile(world).move(STATE, before!);
      await forget(world);
    }
    await plant(world, { ...evidence, bundle: await bundleFor(world) });
    expect(await world.version()).toBe("1.0.0");
  });

  it("proves nothing with a signature beside it, of whomever", async () => {
    const key = makeKey();
    const { world } = await waiting({ attestors: { ...ATTESTOR, key: { key: key.publicKey } } });
    const bundle = await bundleFor(world);
    const evidence = parsed(world, await toSign(world));
    await plant(world, { ...(await attest(evidence, key)), bundle });
    expect(await world.version()).toBeNull();
  });

  it("proves nothing of evidence that was changed after it was signed", async () => {
    const { world } = await waiting();
    const bundle = await bundleFor(world);
    const evidence = parsed(world, await toSign(world));
    await plant(world, { ...evidence, bundle, requester_verified: evidence.requester_verified !== true });
    expect(await world.version()).toBeNull();
  });

  it("is no worse than plain evidence where policy takes a forge's word", async () => {
    const world = await makeForgeWorld({ attestors: ATTESTOR, roots: [sigstore.root] });
    await world.promote("1.0.0");
    await world.github.review(1, world.bob);
    await world.github.mergeInUi(1, world.alice);
    const evidence = parsed(world, await toSign(world, "1"));
    await plant(world, { ...evidence, grade: "recorded", bundle: "{}" });
    const { decisions } = await lookAt(world);
    expect(decisions.find("channels/notes/stable.json")).toMatchObject({ grade: "recorded" });
    expect(decisions.find("channels/notes/stable.json")?.attestor).toBeUndefined();
  });
});

describe("trusted roots", () => {
  it("must be in force before the merge that rests on them", async () => {
    const { world, id } = await waiting({ roots: null });
    const evidence = parsed(world, await toSign(world));
    const bundle = await bundleFor(world);
    await expect(record(world, id, bundle)).rejects.toThrow("config/sigstore-root.json is not in force");
    await plant(world, { ...evidence, bundle });
    expect(await world.version()).toBeNull();
    await trustOnForge(world, [sigstore.root], 2);
    // The merge was before the roots; what it rests on is the view before it.
    expect(await world.version()).toBeNull();
  });

  it("change for what comes later: earlier merges stay judged by the roots before them", async () => {
    const { world, id } = await waiting();
    orThrow(await record(world, id, await bundleFor(world)));
    const other = await makeSigstore();
    await trustOnForge(world, [other.root], 2);
    await forget(world);
    expect(await world.version()).toBe("1.0.0");
    const { proposal } = await world.promote("1.1.0");
    await world.github.review(3, world.bob);
    await world.github.mergeInUi(3, world.alice);
    await expect(record(world, proposal.id, await bundleFor(world))).rejects.toMatchObject({
      code: "gate.attest.refused",
    });
    const bytes = Buffer.from((await toSign(world)).text);
    orThrow(await record(world, proposal.id, JSON.stringify(await other.bundle(bytes))));
    expect(await world.version()).toBe("1.1.0");
  });
});

/** Brings roots into force on a forge: signed by bob, merged as a pull request. */
async function trustOnForge(world: ForgeWorld, roots: readonly TrustedRoot[], pull: number): Promise<void> {
  await trust(world, roots, async (id) => {
    orThrow(await sign(world, id, "bob"));
    await world.github.mergeInUi(pull, world.alice);
  });
}

describe("gate evidence and gate attest", () => {
  it("say why there is nothing to sign", async () => {
    const { world, id } = await waiting();
    const code = async (which: string) => {
      const answer = await evidenceToAttest(world.ground, which);
      return answer !== null && isRefused(answer) ? answer.refused[0].code : "found";
    };
    expect(await code("prop_unknown")).toBe("gate.proposal.not_found");
    orThrow(await record(world, id, await bundleFor(world)));
    expect(await code(id)).toBe("gate.proposal.closed");
    const { forge: _, ...bare } = world.ground;
    expect(await evidenceToAttest(bare, null)).toMatchObject({ refused: [{ code: "usage.invalid_argument" }] });
    expect(await attestMerge(bare, world.act(), { which: id, bundle: "{}" })).toMatchObject({
      refused: [{ code: "usage.invalid_argument" }],
    });
    expect(await record(world, "prop_unknown", "{}")).toMatchObject({ refused: [{ code: "gate.proposal.not_found" }] });
  });

  it("say that the forge did not answer", async () => {
    const { world, id } = await waiting();
    world.github.faults.failing.add("answers");
    expect(await evidenceToAttest(world.ground, id)).toMatchObject({ refused: [{ code: "gate.verdict.unknown" }] });
  });

  it.each(["bundle", "signature"] as const)(
    "raise an alarm where a writer put evidence with a worthless %s first",
    async (member) => {
      const key = makeKey();
      const { world, id } = await waiting({ attestors: { ...ATTESTOR, key: { key: key.publicKey } } });
      const bundle = await bundleFor(world);
      await plant(world, { ...parsed(world, await toSign(world)), [member]: "{}" });
      const before = await world.store.head(STATE);
      expect(await record(world, id, bundle)).toMatchObject({ refused: [{ code: "gate.evidence.differs" }] });
      expect((await world.sync(key)).alarms).toMatchObject([
        { code: "gate.evidence.differs", data: { proposal_id: id } },
      ]);
      expect([await world.store.head(STATE), await world.version()]).toEqual([before, null]);
    },
  );

  it("record what follows where a writer put the right evidence with a good bundle first", async () => {
    const key = makeKey();
    const { world, id } = await waiting({ attestors: { ...ATTESTOR, key: { key: key.publicKey } } });
    await plant(world, { ...parsed(world, await toSign(world)), bundle: await bundleFor(world) });
    const { alarms, recorded } = await world.sync(key);
    expect([alarms, recorded.map(({ proposalId, attestor }) => [proposalId, attestor])]).toEqual([[], [[id, "ci"]]]);
  });

  it("leave a merge by key as it is", async () => {
    const key = makeKey();
    const { world, id } = await waiting({ attestors: { ...ATTESTOR, key: { key: key.publicKey } } });
    await world.sync(key);
    expect(await world.version()).toBe("1.0.0");
    expect((await evidenceIn(world, id))?.signature).toContain("SSH SIGNATURE");
    expect(orThrow(await record(world, id, "{}"))).toMatchObject({ created: false, decision: { attestor: "key" } });
  });
});
