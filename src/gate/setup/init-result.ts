import type { Act } from "../../kernel/act.ts";
import { type Reason, reason, ToolError } from "../../kernel/errors.ts";
import type { Oid } from "../../kernel/oid.ts";
import { withoutSecret } from "../../kernel/text.ts";
import type { Assets, Files } from "../../ports/files.ts";
import type { Keys, Signer } from "../../ports/signer.ts";
import type { InitFile, InitGithub, InitResultV1 } from "../../schema/types.gen.ts";
import { DECISIONS } from "../../state/branches.ts";
import { personNameOf } from "../core/approvals.ts";
import { parsePublicKey, printPublicKey, withoutComment } from "../core/ssh/openssh-key.ts";
import { printPrivateKey } from "../core/ssh/openssh-private.ts";
import type { Founder } from "./foundation.ts";
import { type InitGround, type Initialised, initialise } from "./initialise.ts";
import { installWorkflows } from "./files.ts";
import { type GithubAsked, type GithubMet, meetGithub, settleGithub } from "./github.ts";

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
  /** Null without --github. */
  readonly github: GithubAsked | null;
}

/** What making the first policy needs of this machine. */
export interface InitMachine {
  readonly keys: Keys;
  readonly files: Files;
  readonly assets: Assets;
}

/** What `waybill init` answers; `error` says what of the rulesets was refused. */
export interface InitAnswer {
  readonly result: InitResultV1;
  readonly warnings: readonly Reason[];
  readonly error: Reason | null;
}

/** `waybill init` as its result document. */
export async function initResult(
  ground: InitGround,
  machine: InitMachine,
  act: Act,
  asked: InitAsked,
): Promise<InitAnswer> {
  const met = asked.github === null ? null : await meetGithub(asked.github);
  const { made, chosen } = await makeBranches(ground, machine, act, { asked, met });
  const pinned = await pinInCode(ground, machine.files, asked, made.root);
  const settled = met === null ? null : await githubOf(machine, asked, met, { made, pinned });
  const result = resultOf(asked, made, {
    created: pinned === "written" ? [...made.created, CONFIG] : made.created,
    key: chosen?.key ?? null,
    github: settled?.github ?? null,
  });
  const isAlone = result.requester_may_approve && chosen !== null;
  return {
    result,
    warnings: isAlone ? [alone(chosen.person, met === null ? "bob.pub" : "@bob")] : [],
    error: settled?.error ?? null,
  };
}

async function makeBranches(
  ground: InitGround,
  machine: InitMachine,
  act: Act,
  { asked, met }: { readonly asked: InitAsked; readonly met: GithubMet | null },
): Promise<{ readonly made: Initialised; readonly chosen: Chosen | null }> {
  const isThere = (await ground.store.head(DECISIONS)) !== null;
  const chosen = isThere ? null : await chooseFounder(machine, act, asked, met);
  const made = await initialise(ground, act, {
    founders: chosen && [chosen],
    proof: met === null ? "signed" : "recorded",
    tenantId: asked.tenantId,
    repoId: asked.repoId,
    forgeRepositoryId: met?.repository.id ?? null,
  });
  return { made, chosen };
}

function resultOf(
  { dryRun, location, repositoryMade }: InitAsked,
  { state, stateCommit, root, policy: { people, governance } }: Initialised,
  more: Pick<InitResultV1, "created" | "key" | "github">,
): InitResultV1 {
  return {
    schema: "init-result.v1",
    planned: dryRun,
    location: withoutSecret(location),
    repository_made: repositoryMade,
    tenant_id: state.tenant_id,
    repo_id: state.repo_id,
    root: dryRun ? null : root,
    state: dryRun ? null : stateCommit,
    people: Object.keys(people),
    proof: governance.proof,
    requester_may_approve: governance.requester_may_approve,
    ...more,
  };
}

/** Brings files and rulesets of a repository on GitHub in order, after its branches. */
async function githubOf(
  { files, assets }: InitMachine,
  { workTree, dryRun }: InitAsked,
  { asked, ...met }: GithubMet,
  { made, pinned }: { readonly made: Initialised; readonly pinned: "written" | "there" | null },
): Promise<{ readonly github: InitGithub; readonly error: Reason | null }> {
  const config: InitFile = {
    path: CONFIG,
    status: pinned === null ? "elsewhere" : pinned === "written" ? "written" : "same",
  };
  const [owner = ""] = met.repository.name.split("/");
  const workflows = await installWorkflows({ files, assets, workTree, dryRun, owner, pin: asked.pin });
  const { refused, ...settled } = await settleGithub(asked, made.policy, dryRun);
  const [error = null] = refused;
  return {
    github: {
      repository: met.repository.name,
      repository_id: met.repository.id,
      account: met.account,
      files: [config, ...workflows],
      ...settled,
    },
    error,
  };
}

/** Pins the root where everyone who has the code finds it; what stands there already is left alone, and was held against the branch. */
async function pinInCode(
  { schemas }: InitGround,
  files: Files,
  { workTree, dryRun }: InitAsked,
  root: Oid,
): Promise<"written" | "there" | null> {
  if (workTree === null) return null;
  const path = `${workTree}/${CONFIG}`;
  if ((await files.stat(path)) !== null) return "there";
  if (!dryRun) await files.write(path, schemas.print("waybill-config.v1", { schema: "waybill-config.v1", root }));
  return "written";
}

type Chosen = Founder & { readonly key: InitResultV1["key"] };

/**
 * The first approver: their key, which is the file named, else git's signing key, else one that was made for this name, else the first
 * Ed25519 key of the agent or the SSH folder, else a new one where no account is enough.
 */
async function chooseFounder(
  { keys, files }: InitMachine,
  act: Act,
  asked: InitAsked,
  met: GithubMet | null,
): Promise<Chosen> {
  const person = asked.approver ?? nameFor(act, met);
  if (person === "")
    throw new ToolError("usage.invalid_argument", "No name for the first approver can be made from who runs this", {
      hints: [
        met === null
          ? "waybill init --approver alice"
          : "waybill init --github --approver alice --github-login <login>",
      ],
    });
  const account = met?.account ?? null;
  const github = account === null ? {} : { github: account };
  const found =
    asked.keyFile === null
      ? await ownKey(keys, person, asked.approver !== null)
      : await keyInFile(files, keys, asked.keyFile);
  if (found !== null) return { ...keyOf(person, found.publicKey, found.source, false), ...github };
  if (account !== null) return { person, publicKey: null, key: null, github: account };
  if (asked.dryRun) return planned(keyOf(person, printPublicKey(throwaway()), "made by the run", true));
  const made = await keys.create(person, null);
  return keyOf(person, made.publicKey, made.path, true);
}

/** A workflow is nobody who could approve, so it is never the first person by itself. */
function nameFor({ actor }: Act, met: GithubMet | null): string {
  if (actor.kind === "human") return personNameOf(actor.name);
  return met?.account == null ? "" : personNameOf(met.account.login);
}

async function ownKey(keys: Keys, person: string, isNamed: boolean): Promise<Signer | null> {
  const made = (await keys.list()).filter(({ name }) => name === person).map(({ publicKey }) => publicKey);
  // Who is named may be somebody else than git knows here, and has a key of that name then.
  const configured = isNamed && made.length > 0 ? null : await keys.configured();
  if (configured !== null) return configured;
  const found = await keys.signer(null, made);
  return found !== null && /^(?:sk-)?ssh-ed25519[ @]/.test(found.publicKey) ? found : null;
}

async function keyInFile(files: Files, keys: Keys, file: string) {
  if (!file.endsWith(".pub")) return keys.signer(file, []);
  const line = Buffer.from(await files.read(file, MAX_KEY_BYTES)).toString("latin1");
  return { publicKey: withoutComment(line), source: file };
}

function keyOf(person: string, publicKey: string, source: string, made: boolean): Chosen {
  return { person, publicKey, key: { person, source, made, fingerprint: parsePublicKey(publicKey).fingerprint } };
}

function planned(chosen: Chosen): Chosen {
  return { ...chosen, key: chosen.key && { ...chosen.key, fingerprint: "-" } };
}

/** Stands in a dry run for the key that the run would make. */
function throwaway() {
  return printPrivateKey(new Uint8Array(32), "", 0).key;
}

function alone(person: string, another: string): Reason {
  const message = `${person} is alone, so policy lets ${person} approve their own requests; readers print self-approved`;
  return reason(
    "gate.policy.self_approval",
    message,
    { person },
    `waybill gate open policy --add-approver bob=${another} --reason "bob joins"`,
  );
}
