import { describeGitStore } from "../../../contract/git-store.ts";
import { makeNative } from "../../../support/native-under-test.ts";

describeGitStore("native, bare repository", () =>
  makeNative({ algorithm: "sha1", open: async (_folder, truth) => ({ location: truth }) }),
);

describeGitStore("native, bare SHA-256 repository", () =>
  makeNative({ algorithm: "sha256", open: async (_folder, truth) => ({ location: truth }) }),
);
