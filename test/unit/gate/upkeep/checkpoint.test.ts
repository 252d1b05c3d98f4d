import { beforeEach, describe, expect, it } from "vitest";
import { verifyRules } from "../../../../cli/verify-rules.ts";
import { vouchedFor } from "../../../../src/gate/upkeep/checkpoint.ts";
import { checkpointFresh, checkpointHistory } from "../../../../src/gate/verify/checkpoint-checks.ts";
import { CHECKPOINT_NAMESPACE, checkpointBytes } from "../../../../src/gate/core/checkpoint.ts";
import type { GateGround } from "../../../../src/gate/ground.ts";
import { makeCheckpoint } from "../../../../src/gate/upkeep/make-checkpoint.ts";
import { verifyRepository } from "../../../../src/gate/verify/verify-repository.ts";
import { loadDecisions } from "../../../../src/gate/view/view.ts";
import { orThrow, reason, refuse, ToolError } from "../../../../src/kernel/errors.ts";
import type { CheckpointV1, StateVerifyResultV1 } from "../../../../src/schema/types.gen.ts";
import { STATE } from "../../../../src/state/branches.ts";
import { stateChecks } from "../../../../src/state/checks.ts";
import { commitFiles, eventDocument, eventPath, printed } from "../../../support/facts.ts";
import { makeKey, type TestKey } from "../../../support/gate-world.ts";
import { merge, sign } from "../../../support/gate-steps.ts";
import { type HonestWorld, honestHistory } from "../../../support/honest-history.ts";
import { memoryFolder } from "../../../support/memory-folder.ts";

const HOUR_MS = 3_600_000;

let world: HonestWorld;
let attestor: TestKey;
/** Tips of facts that were verified before something was signed. */
let verifiedTips: string[];

beforeEach(async () => {
  world = await honestHistory();
  attestor = makeKey();
  verifiedTips = [];
  const { proposal } = await world.changePolicy(() => ({ attestors: { nightly: { key: attestor.publicKey } } }));
  await sign(world, proposal.id, "alice");
  orThrow(await merge(world, proposal.id));
});

interface Reading {
  readonly ground?: GateGround;
  readonly maxAgeMs?: number | null;
  readonly full?: boolean;
}

/** What `state verify` says, by a reader with a memory of its own unless another ground is given. */
async function verify({ ground, maxAgeMs = null, full = false }: Reading = {}) {
  const on = ground ?? { ...world.ground, cache: memoryFolder() };
  const seen: { checkpoint: StateVerifyResultV1["checkpoint"] } = { checkpoint: null };
  const { status, violations } = await verifyRepository(on, {
    version: "test",
    rules: verifyRules,
    checks: [...stateChecks, checkpointHistory(on.rewrites)],
    ending: (walked) => [checkpointFresh(on, walked, { maxAgeMs, seen })],
    full,
    progress: () => undefined,
  });
  return { status, rules: violations.map(({ rule }) => rule), checkpoint: seen.checkpoint };
}

async function make(
  options: {
    readonly by?: TestKey | null;
    readonly dryRun?: boolean;
    readonly meanwhile?: () => Promise<unknown>;
  } = {},
) {
  const { by = attestor, dryRun = false, meanwhile } = options;
  const ground = by === null ? world.ground : { ...world.ground, attestor: by };
  let runs = 0;
  return makeCheckpoint(ground, world.act(), {
    expiresInMs: 36 * HOUR_MS,
    dryRun,
    async verify() {
      const found = await verifyRepository(world.ground, {
        version: "test",
        rules: verifyRules,
        checks: stateChecks,
        ending: () => [],
        full: false,
        progress: () => undefined,
      });
      runs += 1;
      verifiedTips.push(found.facts!.tip);
      if (runs === 1) await meanwhile?.();
      return found.status === "verified"
        ? { state: found.facts!.tip, decisions: found.decisions!.tip }
        : refuse(reason("state.verify.violated", "no"));
    },
  });
}

/** The checkpoint at the tip, to be put elsewhere. */
async function atTip(): Promise<CheckpointV1> {
  const [found] = await world.store.read(await world.tip(), ["checkpoint.json"]);
  return world.ground.schemas.parse("checkpoint.v1", found && "bytes" in found ? found.bytes : new Uint8Array(), "it");
}

let pushes = 0;

/** Pushes a checkpoint by hand, with an event and the right count. */
async function push(document: CheckpointV1 | null) {
  pushes += 1;
  const event = { ...eventDocument(`aud_p${pushes}`, "2026-01-05T10:30:00Z"), tenant_id: "tenant", repo_id: "repo" };
  const files = { "checkpoint.json": document === null ? null : printed(document), [eventPath(event)]: printed(event) };
  await commitFiles(world.store, files);
}

async function beforeTip(): Promise<string> {
  return (await world.store.commit(await world.tip())).parents[0]!;
}

/** A checkpoint onto the tip that is there now, signed by somebody. */
async function signed(by: TestKey, change: Partial<CheckpointV1> = {}): Promise<CheckpointV1> {
  const tip = await world.tip();
  const seq = Number((await world.store.commit(tip)).trailers.get("Waybill-Seq"));
  const { root, tip: decisions } = await loadDecisions(world.ground);
  const rest = {
    schema: "checkpoint.v1",
    tenant_id: "tenant",
    repo_id: "repo",
    root,
    state: { commit: tip, seq },
    decisions: { commit: decisions },
    made_at: "2026-01-05T10:00:00Z",
    expires: "2026-01-07T10:00:00Z",
    ...change,
  } as const;
  const signature = Buffer.from(await by.sign(CHECKPOINT_NAMESPACE, checkpointBytes(rest))).toString("utf8");
  return { ...rest, signature };
}

describe("a checkpoint of an attestor", () => {
  it("names the tips that it was written onto, and vouches for them until it expires", async () => {
    const before = await world.tip();
    const made = orThrow(await make());
    expect(made).toMatchObject({ attestor: "nightly", state: { commit: before }, planned: false });
    expect((await world.store.commit(await world.tip())).parents).toEqual([before]);
    await world.write();
    expect(await verify()).toMatchObject({
      status: "verified",
      rules: [],
      checkpoint: { status: "valid", attestor: "nightly" },
    });
    const decisions = await loadDecisions(world.ground);
    expect(await vouchedFor(world.ground, decisions, await world.tip())).toMatchObject({ expires: made.expires });
    world.pass(36 * 60 + 1);
    expect(await verify()).toMatchObject({
      status: "violated",
      rules: ["checkpoint.expired"],
      checkpoint: { status: "expired" },
    });
    orThrow(await make());
    expect(await verify({ full: true })).toMatchObject({ status: "verified", checkpoint: { status: "valid" } });
  });

  it("is as old as the reader allows, whatever it says itself", async () => {
    orThrow(await make());
    world.pass(120);
    expect((await verify({ maxAgeMs: HOUR_MS })).rules).toEqual(["checkpoint.expired"]);
    expect((await verify({ maxAgeMs: 3 * HOUR_MS })).rules).toEqual([]);
    world.pass(48 * 60);
    expect((await verify({ maxAgeMs: 100 * HOUR_MS })).rules).toEqual([]);
  });

  it("is made again where facts move while it is made", async () => {
    const made = orThrow(await make({ meanwhile: () => world.write() }));
    expect(verifiedTips.at(-1)).toBe(made.state.commit);
    expect((await world.store.commit(await world.tip())).parents).toEqual([made.state.commit]);
  });

  it("is never written onto another tip than it names", async () => {
    let others = 0;
    const slowly: TestKey["sign"] = async (namespace, bytes) => {
      others += 1;
      if (others === 1) await world.write();
      return attestor.sign(namespace, bytes);
    };
    const made = orThrow(await make({ by: { ...attestor, sign: slowly } }));
    expect(others).toBe(2);
    expect((await world.store.commit(await world.tip())).parents).toEqual([made.state.commit]);
  });

  it("is planned without being written or signed", async () => {
    const before = await world.tip();
    expect(await make({ dryRun: true })).toMatchObject({ planned: true, commit: null });
    expect(await world.tip()).toBe(before);
  });

  it("is refused without an attestor's key, and where verify finds something", async () => {
    expect(await make({ by: null })).toMatchObject({ refused: [{ code: "usage.missing_argument" }] });
    expect(await make({ by: makeKey() })).toMatchObject({ refused: [{ code: "usage.missing_argument" }] });
    await commitFiles(world.store, { "notes.txt": Buffer.from("x") });
    expect(await make()).toMatchObject({ refused: [{ code: "state.verify.violated" }] });
  });
});

describe("where no checkpoint says how fresh the tips are", () => {
  it("an age that is asked for is a no, although the tips are of now", async () => {
    expect((await verify()).rules).toEqual([]);
    expect(await verify({ maxAgeMs: HOUR_MS })).toMatchObject({ status: "violated", rules: ["checkpoint.missing"] });
  });
});

describe("a checkpoint vouches for nothing", () => {
  const NOW = new Map<string, () => Promise<CheckpointV1>>([
    ["that somebody else signed", () => signed(makeKey())],
    [
      "whose text was changed after it was signed",
      async () => ({ ...(await signed(attestor)), expires: "2099-01-01T00:00:00Z" }),
    ],
    ["of another repository", () => signed(attestor, { repo_id: "repo_other" })],
    ["of decisions with another root", () => signed(attestor, { root: "0".repeat(40) })],
    ["of decisions that are not these", () => signed(attestor, { decisions: { commit: "0".repeat(40) } })],
  ]);

  it.each([...NOW])("%s", async (_, forge) => {
    await push(await forge());
    const { rules, checkpoint } = await verify();
    expect(rules).toContain("checkpoint.forged");
    expect(checkpoint).toMatchObject({ status: "forged" });
    const decisions = await loadDecisions(world.ground);
    expect(await vouchedFor(world.ground, decisions, await world.tip())).toBeNull();
    expect((await verify({ maxAgeMs: HOUR_MS })).rules).toContain("checkpoint.missing");
  });

  it("that was carried over to a history which does not go through the tip that it names", async () => {
    const before = await world.tip();
    await world.write();
    orThrow(await make());
    const genuine = await atTip();
    world.repository.branches.set(STATE, before);
    await push(genuine);
    const decisions = await loadDecisions({ ...world.ground, cache: memoryFolder() });
    expect(await vouchedFor(world.ground, decisions, await world.tip())).toBeNull();
    expect(new Set((await verify()).rules)).toEqual(new Set(["checkpoint.forged"]));
    // Decisions that went back too allow no rewrite that would explain it, and keep nothing from being named.
    const rewound = new ToolError("state.ref.rewound", "Decisions went back");
    const ground = { ...world.ground, cache: memoryFolder(), rewrites: () => Promise.reject(rewound) };
    expect(new Set((await verify({ ground })).rules)).toEqual(new Set(["checkpoint.forged"]));
  });
});

describe("along history", () => {
  it("an older checkpoint that is put back is named, with the commit", async () => {
    orThrow(await make());
    const old = await atTip();
    world.pass(60);
    orThrow(await make());
    await push(old);
    expect((await verify()).rules).toContain("checkpoint.forged");
    await push(await signed(attestor, { made_at: "2026-01-05T10:00:00Z" }));
    expect((await verify()).rules).toContain("checkpoint.back");
  });

  it.each([
    ["names another commit than it follows", async () => ({ commit: await beforeTip() })],
    ["counts wrong", async () => ({ seq: 2 })],
  ])("one that %s is named, although a true one came after it", async (_, change) => {
    const { state } = await signed(attestor);
    await push(await signed(attestor, { state: { ...state, ...(await change()) } }));
    orThrow(await make());
    expect(await verify()).toMatchObject({ rules: ["checkpoint.forged"], checkpoint: { status: "valid" } });
  });

  it("a checkpoint that is removed is named, and found by who has seen it", async () => {
    const reader = { ...world.ground, cache: memoryFolder() };
    orThrow(await make());
    expect((await verify({ ground: reader })).rules).toEqual([]);
    await push(null);
    expect((await verify()).rules).toEqual(["checkpoint.back"]);
    expect((await verify({ ground: reader })).rules.toSorted()).toEqual(["checkpoint.back", "state.ref.rewound"]);
  });

  it("one that is dated after its own commit is no measure for those that follow", async () => {
    await push(await signed(attestor, { made_at: "2098-01-01T00:00:00Z", expires: "2099-01-01T00:00:00Z" }));
    expect((await verify()).rules).toContain("checkpoint.forged");
    await push(await signed(attestor, { made_at: "2026-01-05T10:00:00Z" }));
    expect((await verify()).rules).toEqual(["checkpoint.forged"]);
  });

  it("a walk that goes on from where an earlier one ended remembers the newest one", async () => {
    const reader = { ...world.ground, cache: memoryFolder() };
    orThrow(await make());
    await verify({ ground: reader });
    world.pass(60);
    await push(await signed(attestor, { made_at: "2026-01-01T10:00:00Z" }));
    expect((await verify({ ground: reader })).rules.toSorted()).toEqual(["checkpoint.back", "state.ref.rewound"]);
  });
});
