import type { Act } from "../kernel/act.ts";
import { type Reason, reason, ToolError } from "../kernel/errors.ts";
import type { Oid } from "../kernel/oid.ts";
import { withoutSecret } from "../kernel/text.ts";
import type { Files } from "../ports/files.ts";
import type { Keys } from "../ports/signer.ts";
import type { InitResultV1 } from "../schema/types.gen.ts";
import { DECISIONS } from "../state/branches.ts";
import { personNameOf } from "./core/approvals.ts";
import { parsePublicKey, printPublicKey, withoutComment } from "./core/openssh-key.ts";
import { printPrivateKey } from "./core/openssh-private.ts";
import type { Founder } from "./foundation.ts";
import { type InitGround, initialise } from "./initialise.ts";

const MAX_KEY_BYTES = 65_536;
/** File on the default branch of the code that names the root of decisions. */
const CONFIG = ".waybill.json";

/** What `waybill init` was asked for. */
export interface InitAsked {
  readonly location: string;
  /** Work tree of a clone with code, into which the root is pinned; null for a bare repository. */
  readonly workTree: string | null;
  readonly repositoryMade: boolean;
  readonly dryRun: boolean;
  /** Name in policy.json; null: made from who acts. */
  readonly approver: string | null;
  /** Public or private key file; null: the caller's own key, and a new one where there is none. */
  readonly keyFile: string | null;
  readonly tenantId: string | null;
  readonly repoId: string | null;
}

/** What making the first policy needs of this machine. */
export interface InitMachine {
  readonly keys: Keys;
  readonly files: Files;
}

/** `waybill init` as its result document. */
export async function initResult(
  ground: InitGround,
  machine: InitMachine,
  act: Act,
  asked: InitAsked,
): Promise<{ readonly result: InitResultV1; readonly warnings: readonly Reason[] }> {
  const isThere = (await ground.store.head(DECISIONS)) !== null;
  const chosen = isThere ? null : await chooseKey(machine, act, asked);
  const made = await initialise(ground, act, {
    founders: chosen && [chosen],
    proof: "signed",
    tenantId: asked.tenantId,
    repoId: asked.repoId,
    forgeRepositoryId: null,
  });
  const pinned =
    asked.workTree === null ? null : await pinInCode(ground, machine.files, asked.workTree, made.root, asked.dryRun);
  const result: InitResultV1 = {
    schema: "init-result.v1",
    planned: asked.dryRun,
    location: withoutSecret(asked.location),
    repository_made: asked.repositoryMade,
    created: pinned === "written" ? [...made.created, CONFIG] : made.created,
    tenant_id: made.state.tenant_id,
    repo_id: made.state.repo_id,
    root: asked.dryRun ? null : made.root,
    state: asked.dryRun ? null : made.stateCommit,
    people: made.policy.people,
    proof: made.policy.proof,
    requester_may_approve: made.policy.requesterMayApprove,
    key: chosen && { person: chosen.person, fingerprint: chosen.fingerprint, source: chosen.source, made: chosen.made },
  };
  return { result, warnings: made.policy.requesterMayApprove && chosen !== null ? [alone(chosen.person)] : [] };
}

/** Pins the root where everyone who has the code finds it; what stands there already is left alone, and was held against the branch. */
async function pinInCode(
  { schemas }: InitGround,
  files: Files,
  workTree: string,
  root: Oid,
  dryRun: boolean,
): Promise<"written" | "there"> {
  const path = `${workTree}/${CONFIG}`;
  if ((await files.stat(path)) !== null) return "there";
  if (!dryRun) await files.write(path, schemas.print("waybill-config.v1", { schema: "waybill-config.v1", root }));
  return "written";
}

type Chosen = Founder & { readonly fingerprint: string; readonly source: string; readonly made: boolean };

/** The first approver's key: the file named, else the caller's own, else a new one. */
async function chooseKey({ keys, files }: InitMachine, act: Act, asked: InitAsked): Promise<Chosen> {
  const person = asked.approver ?? personNameOf(act.actor.name);
  if (person === "")
    throw new ToolError("usage.invalid_argument", "No name for the first approver can be made from the git identity", {
      hints: ["waybill init --approver alice"],
    });
  const own = (await keys.list()).filter(({ name }) => name === person).map(({ publicKey }) => publicKey);
  const found = asked.keyFile === null ? await keys.signer(null, own) : await keyInFile(files, keys, asked.keyFile);
  if (found !== null) return keyOf(person, found.publicKey, found.source, false);
  if (asked.dryRun) return { ...keyOf(person, printPublicKey(throwaway()), "made by the run", true), fingerprint: "-" };
  const made = await keys.create(person, null);
  return keyOf(person, made.publicKey, made.path, true);
}

async function keyInFile(files: Files, keys: Keys, file: string) {
  if (!file.endsWith(".pub")) return keys.signer(file, []);
  const line = Buffer.from(await files.read(file, MAX_KEY_BYTES)).toString("latin1");
  return { publicKey: withoutComment(line), source: file };
}

function keyOf(person: string, publicKey: string, source: string, made: boolean): Chosen {
  return { person, publicKey, source, made, fingerprint: parsePublicKey(publicKey).fingerprint };
}

/** Stands in a dry run for the key that the run would make. */
function throwaway() {
  return printPrivateKey(new Uint8Array(32), "", 0).key;
}

function alone(person: string): Reason {
  const message = `${person} is alone, so policy lets ${person} approve their own requests; readers print self-approved`;
  return reason(
    "gate.policy.self_approval",
    message,
    { person },
    'waybill gate open policy --add-approver bob=bob.pub --reason "bob joins"',
  );
}
