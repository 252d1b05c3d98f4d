import type { Flag } from "../command.ts";

/** Flags that say how a channel is ruled. */
export const ruleFlags: Readonly<Record<string, Flag>> = {
  mode: { type: "string", placeholder: "word", describe: "auto or gated" },
  policy: { type: "string", placeholder: "word", describe: "strict, warn or off: what failed artifacts do" },
  approver: {
    type: "string",
    array: true,
    placeholder: "name",
    describe: "Who may approve: people or groups of policy",
  },
  "min-approvals": { type: "number", placeholder: "n", describe: "How many must approve" },
  "requester-may-approve": {
    type: "string",
    placeholder: "yes|no",
    describe: "Whether the approval of who asks counts",
  },
  proof: { type: "string", placeholder: "grade", describe: "Least proof: signed, attested or recorded" },
  soak: {
    type: "string",
    placeholder: "channel=minutes",
    describe: "Time a release must have been on another channel",
  },
  "retention-keep": { type: "number", placeholder: "n", describe: "How many releases keep their files" },
  inherits: { type: "string", placeholder: "channel", describe: "Channel whose newer release this one gives too" },
};
