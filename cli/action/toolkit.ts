import * as core from "@actions/core";
import type { Annotation, Runner } from "./runner.ts";

const annotators = { error: core.error, warning: core.warning, notice: core.notice };

/**
 * The runner that this process is a step of, by its own toolkit, which reads the names of its files from the environment. What
 * there is no runner for is left out: by hand, a mask would print the secret that it hides.
 */
export function toolkitRunner(env: ReadonlyMap<string, string>): Runner {
  const isRunner = env.get("GITHUB_ACTIONS") === "true";
  const isSet = (name: string) => (env.get(name) ?? "") !== "";
  return {
    mask(secret) {
      if (isRunner) core.setSecret(secret);
    },
    output(name, value) {
      if (isSet("GITHUB_OUTPUT")) core.setOutput(name, value);
    },
    annotate({ level, title, message, file, line }: Annotation) {
      if (!isRunner) return;
      annotators[level](message, {
        title,
        ...(file === undefined ? {} : { file }),
        ...(line === undefined ? {} : { startLine: line }),
      });
    },
    async summary(markdown) {
      if (isSet("GITHUB_STEP_SUMMARY")) await core.summary.addRaw(markdown, true).write();
    },
  };
}
