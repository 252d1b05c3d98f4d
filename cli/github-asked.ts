import { ToolError } from "../src/kernel/errors.ts";
import type { ForgeSettings } from "../src/ports/forge-settings.ts";
import type { GithubAsked } from "../src/gate/setup/github.ts";
import type { ActionsPin } from "../src/gate/setup/workflow-templates.ts";
import type { Args } from "./command.ts";

const ACTIONS = /^([\w.-]{1,100}\/[\w.-]{1,100})@([0-9a-f]{40})$/;

/** Reads the flags of `waybill init` that are about GitHub; null without `--github`. */
export function githubAsked(
  settings: ForgeSettings | null,
  args: Args,
  env: ReadonlyMap<string, string>,
  version: string,
): GithubAsked | null {
  if (args["github"] !== true) {
    const alone = ["apply", "github-login", "actions"].find((name) => args[name] !== undefined && args[name] !== false);
    if (alone === undefined) return null;
    throw new ToolError("usage.invalid_argument", `--${alone} goes with --github`);
  }
  if (settings === null) {
    throw new ToolError("usage.not_here", "--github needs a repository on GitHub, and a token to ask GitHub with", {
      hints: [
        "Go into a clone of it, or name it: --server owner/repo",
        'In your shell: export GITHUB_TOKEN="$(gh auth token)"',
      ],
    });
  }
  const login = args["github-login"];
  return {
    settings,
    login: typeof login === "string" ? login.replace(/^@/, "") : null,
    apply: args["apply"] === true,
    pin: pinAsked(args["actions"], env, version),
  };
}

/** The actions that were named, else those that run this, where they are pinned by commit. */
function pinAsked(given: Args[string], env: ReadonlyMap<string, string>, version: string): ActionsPin | null {
  if (typeof given === "string") {
    const pin = pinIn(given, version);
    if (pin !== null) return pin;
    throw new ToolError("usage.invalid_argument", "--actions needs owner/repo@ and a full commit id of 40 hex digits");
  }
  // A runner empties its own variables in the steps of a composite action (actions/runner#2473), so ours come first.
  const said = (name: string) => [env.get(`WAYBILL_${name}`), env.get(`GITHUB_${name}`)].find((value) => value) ?? "";
  return pinIn(`${said("ACTION_REPOSITORY")}@${said("ACTION_REF")}`, version);
}

function pinIn(text: string, version: string): ActionsPin | null {
  const [, repository, commit] = ACTIONS.exec(text) ?? [];
  return repository === undefined || commit === undefined ? null : { repository, commit, version };
}
