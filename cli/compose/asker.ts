import type { Actor } from "../../src/kernel/act.ts";
import { derived } from "../../src/kernel/ids.ts";
import { printable } from "../../src/kernel/text.ts";
import type { Files } from "../../src/ports/files.ts";
import type { Keys, Signer } from "../../src/ports/signer.ts";
import type { Args } from "../command.ts";
import type { Asker, RepositoryAt } from "../world.ts";
import { localGit } from "./local-git.ts";

const NAME_LENGTH = 80;
const ID_LENGTH = 16;

/**
 * Who acts where no token says it: the CI run, else the git identity. Both say it of themselves, so it is not verified;
 * of an e-mail address only a digest is kept. `setting` reads git's configuration.
 */
export async function actorOf(
  env: ReadonlyMap<string, string>,
  setting: (name: string) => Promise<string | undefined>,
): Promise<Actor> {
  const run = env.get("GITHUB_ACTIONS") === "true" ? env.get("GITHUB_RUN_ID") : undefined;
  if (run !== undefined) {
    const workflow = env.get("GITHUB_WORKFLOW_REF")?.split("@")[0]?.split("/").at(-1) ?? env.get("GITHUB_WORKFLOW");
    return {
      kind: "workflow",
      name: printable(workflow ?? "workflow", NAME_LENGTH),
      id: printable(`github:${env.get("GITHUB_REPOSITORY_ID") ?? "unknown"}:run:${run}`),
      verified: false,
    };
  }
  const name = env.get("GIT_AUTHOR_NAME") ?? (await setting("user.name")) ?? env.get("USER") ?? "unknown";
  const email = env.get("GIT_AUTHOR_EMAIL") ?? (await setting("user.email")) ?? name;
  return {
    kind: "human",
    name: printable(name.normalize("NFC"), NAME_LENGTH),
    id: `git:${derived(email.trim().toLowerCase(), ID_LENGTH)}`,
    verified: false,
  };
}

/** Id that ties what one CI run writes together; null elsewhere, where every act has its own. */
export function requestOf(env: ReadonlyMap<string, string>): string | null {
  const run = env.get("GITHUB_ACTIONS") === "true" ? env.get("GITHUB_RUN_ID") : undefined;
  return run === undefined ? null : printable(`run-${run}-${env.get("GITHUB_RUN_ATTEMPT") ?? "1"}`, NAME_LENGTH);
}

/** What settings of git are read by: those of the repository count more than those of the user. */
interface At {
  readonly args: Args;
  readonly env: ReadonlyMap<string, string>;
  readonly repository: () => Promise<RepositoryAt>;
}

/** Who is asking: the token that was given, and who acts where there is none. */
export async function askerOf(at: At): Promise<Asker> {
  const token = at.args["token"];
  return {
    token: typeof token === "string" ? token : undefined,
    actor: await actorOf(at.env, settingReader(at)),
  };
}

/** The caller's signing keys; git's settings name the first. */
export async function keysOf(files: Files, at: At): Promise<Keys> {
  const { createKeys } = await import("../../src/platform/keys/keys.ts");
  const setting = settingReader(at);
  return createKeys({ files, env: at.env, signingKey: () => setting("user.signingKey") });
}

/**
 * The key that signs evidence: WAYBILL_ATTESTOR_KEY, a private key's text as a protected environment of CI gives it, or its path.
 * Null where it is not set.
 */
export async function attestorOf(files: Files, env: ReadonlyMap<string, string>): Promise<Signer | null> {
  const given = env.get("WAYBILL_ATTESTOR_KEY") ?? "";
  if (given === "") return null;
  const { signerOfFile, signerOfText } = await import("../../src/platform/keys/key-file.ts");
  return given.startsWith("-----BEGIN")
    ? signerOfText(given, "WAYBILL_ATTESTOR_KEY")
    : signerOfFile({ files, env }, given);
}

/** Reads git's settings: of the repository where there is one, else of the user alone, as before `init`. */
function settingReader({ args, env, repository }: At) {
  const gitDir = () =>
    repository().then(
      (found) => found.gitDir,
      () => null,
    );
  return async (name: string) => (await localGit(args, env)).settingOf(await gitDir(), name);
}
