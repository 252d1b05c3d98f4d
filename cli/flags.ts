import type { Flag } from "./command.ts";

/** Flags that every command has. */
export const everywhere = {
  json: { type: "boolean", describe: "Print exactly one JSON object on stdout" },
  verbose: { type: "boolean", describe: "Say more on stderr" },
  "no-color": { type: "boolean", describe: "No colours [NO_COLOR]" },
  help: { type: "boolean", describe: "Show usage, flags and examples" },
  server: {
    type: "string",
    placeholder: "owner/repo | URL | path",
    describe: "Repository that holds the branches [DIST_SERVER]",
  },
  token: { type: "string", placeholder: "t", describe: "Token of who is asking [DIST_TOKEN]" },
  "local-store": { type: "string", placeholder: "dir", describe: "Folder of the stored artifacts [DIST_LOCAL_STORE]" },
  offline: { type: "boolean", describe: "Read the remote branches as they were fetched last" },
  driver: {
    type: "string",
    placeholder: "native | forge | portable",
    describe: "Reach the branches through git, GitHub's API, or without either [WAYBILL_DRIVER]",
  },
  root: { type: "string", placeholder: "commit", describe: "Root of the decisions that you trust" },
  key: { type: "string", placeholder: "file", describe: "SSH key to sign with [WAYBILL_KEY]" },
} as const satisfies Readonly<Record<string, Flag>>;

/** The flag of commands that change something. */
export const dryRun = {
  "dry-run": { type: "boolean", describe: "Do everything but write; the result says planned" },
} as const satisfies Readonly<Record<string, Flag>>;

/** Environment variables that stand for a flag which was not given. */
export const defaultsFromEnv: Readonly<Record<string, string>> = {
  server: "DIST_SERVER",
  token: "DIST_TOKEN",
  "local-store": "DIST_LOCAL_STORE",
  key: "WAYBILL_KEY",
  driver: "WAYBILL_DRIVER",
};
