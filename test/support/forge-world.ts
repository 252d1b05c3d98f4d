import type { GateGround } from "../../src/gate/ground.ts";
import { propose } from "../../src/gate/propose/propose.ts";
import { sigstoreRootKind } from "../../src/gate/kinds/sigstore-root.ts";
import { syncGate } from "../../src/gate/sync/sync.ts";
import { orThrow } from "../../src/kernel/errors.ts";
import type { Account } from "../../src/ports/forge.ts";
import type { Signer } from "../../src/ports/signer.ts";
import type { PolicyV1, TrustedRoot } from "../../src/schema/types.gen.ts";
import { STATE } from "../../src/state/branches.ts";
import { lookAt, merge, sign } from "./gate-steps.ts";
import { type GateWorld, makeGateWorld } from "./gate-world.ts";
import { hostile } from "./hostile.ts";
import { REPOSITORY_ID, TestForge } from "./test-forge.ts";

/** A gate world whose repository lies on a forge: alice, bob and carol are its approvers, by review. */
export interface ForgeWorld extends GateWorld {
  readonly ground: GateGround & { readonly forge: NonNullable<GateGround["forge"]> };
  readonly github: TestForge;
  readonly alice: Account;
  readonly bob: Account;
  readonly carol: Account;
  /** Somebody who may write and is nobody in policy. */
  readonly mallory: Account;
  sync(attestor?: Signer): ReturnType<typeof syncGate>;
  /** The version that every reader sees, without the forge. */
  version(): Promise<string | null>;
  /** Statuses of merges as readers see them: `pending proof`, `dishonoured approvals: …`. */
  fates(): Promise<readonly string[]>;
}

/** What a forge world begins with. */
export interface ForgeWorldOptions {
  /** Changes defaults of policy; the proof is `recorded` without it. */
  readonly defaults?: PolicyV1["defaults"];
  readonly attestors?: PolicyV1["attestors"];
  /** Sigstore roots in force, by decision. */
  readonly roots?: readonly TrustedRoot[];
}

const IDS = new Map([
  ["alice", 101],
  ["bob", 102],
  ["carol", 103],
]);

/** Makes a forge world; its policy was approved by signatures before the forge came. */
export async function makeForgeWorld(options: ForgeWorldOptions = {}): Promise<ForgeWorld> {
  const world = await makeGateWorld(["alice", "bob", "carol"], 3);
  const change = await world.changePolicy(({ people }) => ({
    people: Object.fromEntries(
      Object.entries(people).map(([name, person]) => [
        name,
        { ...person, github: { id: IDS.get(name) ?? 1, login: name } },
      ]),
    ),
    attestors: options.attestors ?? {},
    defaults: { proof: "recorded", ...options.defaults },
  }));
  orThrow(await sign(world, change.proposal.id, "bob"));
  orThrow(await merge(world, change.proposal.id));
  if (options.roots !== undefined) await trust(world, options.roots);
  await nameRepository(world);
  world.pass(60);
  const github = new TestForge(world);
  const accounts = {
    alice: github.account("alice", 101),
    bob: github.account("bob", 102),
    carol: github.account("carol", 103),
    mallory: github.account("mallory", 666),
  };
  github.token = accounts.alice;
  const ground = { ...world.ground, forge: github.forge };
  const pass = (minutes: number) => {
    world.pass(minutes);
    github.pass(minutes);
  };
  const { promote, tryPromote, changePolicy } = world.on(ground);
  const made: GateWorld = { ...world, ground, pass, promote, tryPromote, changePolicy };
  return {
    ...made,
    ...accounts,
    ground,
    github,
    sync: (attestor) => syncGate(attestor === undefined ? ground : { ...ground, attestor }, world.act("ci")),
    version: async () => (await lookAt(world)).version,
    async fates() {
      const { decisions } = await lookAt(world);
      return [
        ...decisions.pending.map(({ condition }) => `pending ${condition}`),
        ...decisions.dishonoured.map(({ message }) => `dishonoured ${message}`),
      ];
    },
  };
}

/** Proposes trusted Sigstore roots and decides them: by signatures without a forge. */
export async function trust(
  world: GateWorld,
  roots: readonly TrustedRoot[],
  decide: (id: string) => Promise<void> = async (id) => {
    orThrow(await sign(world, id, "bob"));
    orThrow(await merge(world, id));
  },
): Promise<void> {
  const { proposal } = orThrow(
    await propose(world.ground, world.act("alice"), {
      kind: sigstoreRootKind,
      key: {},
      reason: "trust",
      signer: world.keys["alice"]!,
      draft: (header) => Promise.resolve({ ...header, schema: "sigstore-root.v1", seen: {}, trusted_roots: roots }),
    }),
  );
  await decide(proposal.id);
}

/** Writes the forge's number of the repository into state.json, as `init --github` does. */
async function nameRepository(world: GateWorld): Promise<void> {
  const [found] = await world.store.read((await world.store.head(STATE))!, ["state.json"]);
  const state = world.ground.schemas.parse("state.v1", found && "bytes" in found ? found.bytes : new Uint8Array(), "");
  const named = { ...state, forge_repository_id: REPOSITORY_ID };
  await hostile(world).put(STATE, { "state.json": world.ground.schemas.print("state.v1", named) });
}
