import { describeGitStore } from "../../../../contract/git-store.ts";
import { makeGithubStore } from "../../../../support/github-store.ts";

// Git itself, and so the stand-in, cannot open these; GitHub takes no push of them.
describeGitStore("forge", () => makeGithubStore(), ["a cut entry", "an empty name", "no mode"]);
