import type { Flag } from "../command.ts";

/** Flags that say what an app is; `dist app create` and `dist app set` share them. */
export const appFlags: Readonly<Record<string, Flag>> = {
  name: { type: "string", describe: "Name for people", placeholder: "text" },
  owner: { type: "string", describe: "Who answers for it", placeholder: "text" },
  visibility: { type: "string", describe: "public, unlisted or private (default)", placeholder: "word" },
  platform: {
    type: "string",
    array: true,
    describe: "Allowed platform, several times for several; none given allows all",
    placeholder: "platform",
  },
  "bundle-id": {
    type: "string",
    array: true,
    describe: "Package or bundle id that a platform's artifacts must have; an empty id takes the rule away",
    placeholder: "platform=id",
  },
  "ios-mode": { type: "string", describe: "testflight, enterprise or artifact_only (default)", placeholder: "word" },
  "testflight-url": { type: "string", describe: "TestFlight link, for the mode of that name", placeholder: "url" },
};
