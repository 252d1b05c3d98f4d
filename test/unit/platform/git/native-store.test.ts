import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describeGitStore } from "../../../contract/git-store.ts";
import { git } from "../../../support/git-repo.ts";
import { serveGit } from "../../../support/http-git-server.ts";
import { makeNative } from "../../../support/native-under-test.ts";

describeGitStore("native, bare repository", () =>
  makeNative({ algorithm: "sha1", open: async (_folder, truth) => ({ location: truth }) }),
);

describeGitStore("native, bare SHA-256 repository", () =>
  makeNative({ algorithm: "sha256", open: async (_folder, truth) => ({ location: truth }) }),
);

describeGitStore("native, clone of a path remote", () =>
  makeNative({
    algorithm: "sha1",
    async open(folder, truth) {
      git(folder, ["clone", "-q", truth, "clone"]);
      return { location: join(folder, "clone"), remote: "origin", freshMs: 0, cache: join(folder, "cache") };
    },
    copies: (folder) => [join(folder, "clone", ".git")],
  }),
);

describeGitStore("native, mirror of an HTTP remote", () => {
  let stop: () => Promise<void>;
  return makeNative({
    algorithm: "sha1",
    async open(folder) {
      const server = await serveGit(folder);
      stop = () => server.stop();
      return { location: `${server.url}/truth.git`, freshMs: 0, cache: join(folder, "cache") };
    },
    copies: mirrors,
    stop: () => stop(),
  });
});

function mirrors(folder: string): readonly string[] {
  const path = join(folder, "cache", "mirrors");
  return readdirSync(path).map((name) => join(path, name));
}
