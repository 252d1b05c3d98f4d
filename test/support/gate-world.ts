import { type Act, type Actor, actOf, operationId } from "../../src/kernel/act.ts";
import { orThrow, type Refused } from "../../src/kernel/errors.ts";
import { timestamp } from "../../src/kernel/time.ts";
import { freezeRow } from "../../src/gate/core/freeze.ts";
import { ed25519Blob, printPublicKey } from "../../src/gate/core/ssh/openssh-key.ts";
import { resolveChannel } from "../../src/gate/core/requirement.ts";
import { soakRow } from "../../src/gate/core/soak.ts";
import { signSshsig } from "../../src/gate/core/ssh/sshsig.ts";
import type { DecisionKind } from "../../src/gate/decision-kind.ts";
import { gateDecisions, policyKind } from "../../src/gate/decisions.ts";
import { gateDocuments } from "../../src/gate/documents.ts";
import type { GateGround } from "../../src/gate/ground.ts";
import { initialise } from "../../src/gate/setup/initialise.ts";
import { propose } from "../../src/gate/propose/propose.ts";
import type { Proposed } from "../../src/gate/propose/proposal.ts";
import { allowedRewrites } from "../../src/gate/view/view.ts";
import { createMemoryGitStore, createMemoryRepository } from "../../src/platform/memory/git-store.ts";
import type { GitStore } from "../../src/ports/git-store.ts";
import type { Keys, Signer } from "../../src/ports/signer.ts";
import { loadSchemas } from "../../src/schema/documents.ts";
import type { ChannelPointerV1, PolicyV1, RequestedRun } from "../../src/schema/types.gen.ts";
import type { DocumentKind } from "../../src/state/document-kind.ts";
import { stateKinds } from "../../src/state/documents.ts";
import { makeKeyPair } from "./key-pair.ts";
import { type MemoryFolder, memoryFolder } from "./memory-folder.ts";

/** A key pair that signs in this process. */
export interface TestKey extends Signer {
  readonly seed: Uint8Array;
  readonly publicBytes: Uint8Array;
}

/** Makes an Ed25519 key. */
export function makeKey(): TestKey {
  const { privateKey } = makeKeyPair("ed25519");
  const { d = "", x = "" } = privateKey.export({ format: "jwk" });
  const [seed, publicBytes] = [Buffer.from(d, "base64url"), Buffer.from(x, "base64url")];
  return {
    seed,
    publicBytes,
    publicKey: printPublicKey({ type: "ssh-ed25519", blob: ed25519Blob(publicBytes) }),
    source: "test",
    sign: (namespace, bytes) => Promise.resolve(signSshsig(namespace, bytes, seed, publicBytes)),
  };
}

/** Keys of a caller who has exactly this one. */
export function keysWith(signer: Signer | null): Keys {
  return {
    signer: () => Promise.resolve(signer),
    configured: () => Promise.resolve(null),
    list: () => Promise.resolve([]),
    create: () => Promise.reject(new Error("no keys are made here")),
  };
}

/** The channel decision as simple as it can be: approvals, soak and freeze of policy, nothing of facts. */
export const testChannel: DecisionKind<"channel-pointer.v1"> = {
  kind: "channel",
  schema: "channel-pointer.v1",
  path: "channels/{app}/{channel}.json",
  keyOf: ({ app, channel }) => ({ app, channel }),
  title: ({ app, version, channel }) => `Promote ${app} ${version} to ${channel}`,
  command: ({ app, version, channel }) => `dist release promote ${app}@${version} --channel ${channel}`,
  requirement: ({ app, channel }, { policy }) => resolveChannel(policy.document, app, channel).requirement,
  rules: ({ app, channel, seen }, { policy }, at) => {
    const { soak, freeze } = resolveChannel(policy.document, app, channel);
    return [soakRow(soak, seen?.source ?? null, at), freezeRow(freeze, at)];
  },
  agrees: () => Promise.resolve([]),
  proposed: ({ proposal_id, app }) => ({
    action: "promotion.proposed",
    target: ["proposal", proposal_id],
    metadata: { app },
  }),
  afterMerge: (_, { app, channel, version }) =>
    Promise.resolve({
      writes: [],
      events: [{ action: "channel.promoted", target: ["channel", `${app}/${channel}`], metadata: { app, version } }],
    }),
};

const channelDocument: DocumentKind<"channel-pointer.v1"> = {
  name: "channel-pointer.v1",
  branch: "decisions",
  path: "channels/{app}/{channel}.json",
  life: "mutable",
  keyOf: ({ app, channel }) => ({ app, channel }),
};

/** A repository with a policy, its people and their keys, and a clock that a test moves. */
export interface GateWorld {
  readonly ground: GateGround;
  readonly cache: MemoryFolder;
  readonly store: GitStore;
  readonly repository: ReturnType<typeof createMemoryRepository>;
  readonly keys: Readonly<Record<string, TestKey>>;
  act(name?: string): Act;
  /** Moves the clock. */
  pass(minutes: number): void;
  /** Proposes a channel pointer, signed by `by`; null: without a key. */
  promote(version: string, options?: PromoteOptions): Promise<Proposed<"channel-pointer.v1">>;
  tryPromote(version: string, options?: PromoteOptions): Promise<Proposed<"channel-pointer.v1"> | Refused>;
  /** Proposes another policy. */
  changePolicy(change: (policy: PolicyV1) => Partial<PolicyV1>, by?: string): Promise<Proposed<"policy.v1">>;
  /** The proposing steps on another ground. */
  on(ground: GateGround): Pick<GateWorld, "promote" | "tryPromote" | "changePolicy">;
}

interface PromoteOptions {
  readonly by?: string | null;
  readonly app?: string;
  readonly channel?: string;
  readonly dryRun?: boolean;
  readonly actor?: string;
  readonly seen?: ChannelPointerV1["seen"];
  readonly requestedBy?: Actor;
  readonly requestedRun?: RequestedRun;
}

const NO_VALIDATION = { pending: 0, passed: 1, failed: 0, warning: 0, skipped: 0 };

/** Makes a repository; the first person is the only founder, others get keys but no place in policy. */
export async function makeGateWorld(
  people: readonly [string, ...string[]] = ["alice"],
  founders = 1,
): Promise<GateWorld> {
  const repository = createMemoryRepository();
  let now = Date.parse("2026-01-05T10:00:00Z");
  let runs = 0;
  const clock = { now: () => new Date(now), sleep: () => Promise.resolve() };
  const store = createMemoryGitStore({ repository, clock, random: () => 0 });
  const keys = Object.fromEntries(people.map((name) => [name, makeKey()]));
  const cache = memoryFolder();
  const ground: GateGround = {
    store,
    clock,
    schemas: loadSchemas(),
    kinds: [...stateKinds, ...gateDocuments, channelDocument],
    decisionKinds: [...gateDecisions, testChannel],
    secrets: [],
    cache,
    root: null,
    version: "test",
    rewrites: () => allowedRewrites(ground),
  };
  const act = (name = people[0]): Act => {
    runs += 1;
    return actOf({
      operation: operationId(now, `run ${runs}`),
      at: timestamp(new Date(now)),
      actor: { kind: "human", name, id: `git:${name}`, verified: false },
      requestId: `req_${runs}`,
      command: "test",
    });
  };
  const founder = (person: string) => ({ person, publicKey: keys[person]!.publicKey });
  const [first, ...others] = people.slice(0, founders);
  await initialise(ground, act(), {
    founders: [founder(first!), ...others.map(founder)],
    proof: "signed",
    tenantId: "tenant",
    repoId: "repo",
    forgeRepositoryId: null,
  });
  const signerOf = (by: string | null) => (by === null ? null : (keys[by] ?? null));
  const tryPromote = (on: GateGround, version: string, options: PromoteOptions) => {
    const { by = people[0], app = "notes", channel = "stable" } = options;
    const asked = act(options.actor ?? by ?? "ci");
    return propose(
      on,
      options.requestedBy === undefined ? asked : actOf({ ...asked, actor: options.requestedBy }),
      {
        ...(options.requestedRun === undefined ? {} : { requestedRun: options.requestedRun }),
        kind: testChannel,
        key: { app, channel },
        reason: `promote ${version}`,
        signer: signerOf(by),
        draft: (header) =>
          Promise.resolve({
            ...header,
            schema: "channel-pointer.v1",
            from: header.from === null ? null : { ...header.from, release_id: "rel_before" },
            seen: options.seen ?? { validation: NO_VALIDATION, source: null },
            app,
            channel,
            kind: "promotion",
            release_id: `rel_${version.replaceAll(".", "_")}`,
            version,
            build: null,
            release_digest: "a".repeat(64),
            rollout_percent: 100,
          }),
      },
      options.dryRun === true ? { dryRun: true } : {},
    );
  };
  const stepsOn = (on: GateGround): Pick<GateWorld, "promote" | "tryPromote" | "changePolicy"> => ({
    tryPromote: (version, options = {}) => tryPromote(on, version, options),
    promote: async (version, options = {}) => orThrow(await tryPromote(on, version, options)),
    changePolicy: async (change, by = people[0]) =>
      orThrow(
        await propose(on, act(by), {
          kind: policyKind,
          key: {},
          reason: "change policy",
          signer: signerOf(by),
          draft: (header, _, decisions) => {
            const before = decisions.policy.document;
            return Promise.resolve({ ...before, ...change(before), ...header, seen: {} });
          },
        }),
      ),
  });
  return {
    ground,
    cache,
    store,
    repository,
    keys,
    act,
    pass(minutes) {
      now += minutes * 60_000;
    },
    ...stepsOn(ground),
    on: stepsOn,
  };
}
