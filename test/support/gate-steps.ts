import { approveProposal } from "../../src/gate/review/approve.ts";
import { mergeProposal } from "../../src/gate/review/merge.ts";
import { loadDecisions } from "../../src/gate/view/view.ts";
import { orThrow } from "../../src/kernel/errors.ts";
import { type GateWorld, keysWith } from "./gate-world.ts";
import { hostile } from "./hostile.ts";

/** The pointer that gate tests move. */
export const STABLE = "channels/notes/stable.json";

/** Approves with a person's key, as `gate approve` does. */
export async function sign(world: GateWorld, id: string, by: string) {
  return approveProposal(world.ground, world.act(by), id, { keys: keysWith(world.keys[by]!), keyFile: null });
}

/** Merges as `gate merge` does. */
export async function merge(world: GateWorld, id: string, by = "alice") {
  return mergeProposal(world.ground, world.act(by), id);
}

/** Proposes, approves and merges a version. */
export async function decide(world: GateWorld, version: string, by = "alice") {
  const { proposal } = await world.promote(version);
  orThrow(await sign(world, proposal.id, by));
  return orThrow(await merge(world, proposal.id));
}

/** A proposal that alice asked for and signed, so that only its form can be wrong. */
export async function approved(world: GateWorld, version = "1.0.0"): Promise<string> {
  const { proposal } = await world.promote(version);
  await sign(world, proposal.id, "alice");
  return proposal.id;
}

/** What readers see: the view, the version in force, and why merges changed nothing. */
export async function lookAt(world: GateWorld) {
  const decisions = await loadDecisions(world.ground);
  const document = decisions.find(STABLE)?.document;
  return {
    decisions,
    version: document !== undefined && "version" in document ? document.version : null,
    conditions: decisions.dishonoured.map(({ condition, message }) => `${condition}: ${message}`),
  };
}

/** Bytes of a file at the head of a proposal; none where it is absent. */
export async function bytesOf(world: GateWorld, id: string, path = "policy.json"): Promise<Uint8Array> {
  const [found] = await world.store.read((await world.store.head(`waybill/proposal/${id}`))!, [path]);
  return found && "bytes" in found ? found.bytes : new Uint8Array();
}

/** Appends a signature without asking the tool whether it would count. */
export async function signAnyway(world: GateWorld, id: string, by: string, path = STABLE): Promise<void> {
  const signature = await world.keys[by]!.sign("waybill-decision-v1", await bytesOf(world, id, path));
  const before = Buffer.from(await bytesOf(world, id, `${path}.sig`)).toString("latin1");
  await hostile(world).put(`waybill/proposal/${id}`, { [`${path}.sig`]: before + signature });
}
