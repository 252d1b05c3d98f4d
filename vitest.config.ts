import { defineConfig } from "vitest/config";

/** GitHub's own parsers import JSON as Node does not: vitest loads them itself. */
const server = { deps: { inline: [/@actions\//] } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
          server,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          env: { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/build.ts"],
          testTimeout: 240_000,
          hookTimeout: 120_000,
          env: { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
        },
      },
    ],
  },
});
