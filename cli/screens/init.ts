import type { InitResultV1 } from "../../src/schema/types.gen.ts";
import { shortCommit } from "../output/cells.ts";
import type { Screen } from "../screen.ts";

/** The screen of `init`: what was written, who may approve, and the one next command. */
export function initScreen(result: InitResultV1): Screen {
  const { planned, created, location, repository_made, people, proof, key, root } = result;
  const label = planned ? "Planned" : created.length === 0 ? "Unchanged" : "Initialised";
  const made = [...(repository_made ? ["a bare repository"] : []), ...created];
  const approvals = result.requester_may_approve ? "may approve their own requests" : "approve each other's requests";
  return {
    blocks: [
      { kind: "line", label, parts: [location, made.length === 0 ? "everything was there" : made.join(", ")] },
      ...(root === null
        ? []
        : [{ kind: "line", label: "Root", parts: [shortCommit(root), "remembered on this machine"] } as const]),
      { kind: "line", label: "Policy", parts: [people.join(", "), approvals, `proof ${proof}`] },
      ...(key === null
        ? []
        : [
            {
              kind: "line",
              label: key.made ? "New key" : "Key",
              parts: [key.person, key.fingerprint, key.source],
            } as const,
          ]),
    ],
    next: [
      ...(created.includes(".waybill.json")
        ? ['git add .waybill.json && git commit -m "Pin the root of decisions"']
        : []),
      // New branches of a clone lie in the clone alone; its remote is used once it has them.
      ...(created.includes(".waybill.json") && created.includes("waybill/state")
        ? ["git push origin waybill/state waybill/decisions"]
        : []),
      "dist app create <slug>",
    ],
  };
}
