import type { InitGithub, InitResultV1 } from "../../src/schema/types.gen.ts";
import { shortCommit } from "../output/cells.ts";
import type { Block, Screen, Tone } from "../screen.ts";
import { githubNext, unpinned, writtenText } from "./init-next.ts";

const TONES: Readonly<Record<InitGithub["rulesets"][number]["status"], Tone>> = {
  created: "ok",
  updated: "ok",
  same: "ok",
  missing: "wait",
  different: "wait",
  unknown: "wait",
  refused: "refuse",
};

/** Rulesets that are not as they should be, and were not asked for. */
const LATER: readonly InitGithub["rulesets"][number]["status"][] = ["missing", "different"];

/** The screen of `init`: what was written, who may approve, what GitHub has, and the one next command. */
export function initScreen(result: InitResultV1): Screen {
  const { planned, created, location, repository_made, people, proof, key, root, github } = result;
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
      ...(github === null ? [] : githubBlocks(result, github)),
    ],
    next: github === null ? nextOf(created) : githubNext(result, github),
  };
}

function githubBlocks({ created }: InitResultV1, github: InitGithub): readonly Block[] {
  const { account, files, rulesets } = github;
  const isNew = created.includes("waybill/decisions");
  const written = writtenText(github);
  const differing = files.filter(({ status }) => status === "differs");
  return [
    ...(isNew
      ? [
          {
            kind: "line",
            label: "Account",
            parts:
              account === null
                ? [
                    "not known: reviews on GitHub will not count",
                    "waybill gate open policy --add-approver <name>=@<login>",
                  ]
                : [`@${account.login}`, `id ${account.id}`, "reviews of this account count"],
          } as const,
        ]
      : []),
    ...(written === "" ? [] : [{ kind: "line", label: "Written", parts: [written, "to be committed"] } as const]),
    ...differing.map(
      ({ path }) =>
        ({
          kind: "line",
          label: "Differs",
          tone: "wait",
          parts: [path, "kept as it is, which is not this version's"],
        }) as const,
    ),
    ...(unpinned(github)
      ? [
          {
            kind: "line",
            label: "Workflows",
            tone: "wait",
            parts: ["not written: which actions should they use?", "--actions <owner/repo>@<commit>"],
          } as const,
        ]
      : []),
    ...rulesets.map(
      ({ name, status, why }) =>
        ({
          kind: "line",
          label: "Ruleset",
          tone: TONES[status],
          parts: [
            name,
            status,
            ...(why === null ? [] : [why]),
            ...(LATER.includes(status) ? ["--apply makes it, by an administrator"] : []),
          ],
        }) as const,
    ),
  ];
}

function nextOf(created: InitResultV1["created"]): readonly string[] {
  return [
    ...(created.includes(".waybill.json")
      ? ['git add .waybill.json && git commit -m "Pin the root of decisions"']
      : []),
    // New branches of a clone lie in the clone alone; its remote is used once it has them.
    ...(created.includes(".waybill.json") && created.includes("waybill/state")
      ? ["git push origin waybill/state waybill/decisions"]
      : []),
    "dist app create <slug>",
  ];
}
