import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describeGitStore } from "../../../contract/git-store.ts";
import { serveGit } from "../../../support/http-git-server.ts";
import { makePortable } from "../../../support/portable-under-test.ts";

describeGitStore("portable, bare repository", () =>
  makePortable({ open: async (_folder, truth) => ({ location: truth }) }),
);

describeGitStore("portable, mirror of an HTTP remote", () => {
  let stop: () => Promise<void>;
  return makePortable({
    async open(folder) {
      const server = await serveGit(folder);
      stop = () => server.stop();
      return { location: `${server.url}/truth.git`, freshMs: 0, cache: join(folder, "cache") };
    },
    copies(folder) {
      const mirrors = join(folder, "cache", "mirrors");
      return readdirSync(mirrors).map((name) => join(mirrors, name));
    },
    stop: () => stop(),
  });
});
