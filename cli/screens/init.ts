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
  const made = [...(repository_made ? ["a bare repository"] : []), ...created];
  const isMade = made.length > 0 || (github !== null && writtenText(github) !== "");
  const label = planned ? "Planned" : isMade ? "Initialised" : "Unchanged";
  const approvals = result.requester_may_approve ? "may approve their own requests" : "approve each other's requests";
  return {
    blocks: [
      { kind: "line", label, parts: [location, made.length === 0 ? "both branches were there" : made.join(", ")] },
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
  return [
    ...(created.includes("waybill/decisions") ? [accountLine(github)] : []),
    ...fileLines(github),
    ...github.rulesets.map(
      ({ name, status, why }): Block => ({
        kind: "line",
        label: "Ruleset",
        tone: TONES[status],
        parts: [
          name,
          status,
          ...(why === null ? [] : [why]),
          ...(LATER.includes(status) ? ["--apply makes it, by an administrator"] : []),
        ],
      }),
    ),
  ];
}

function accountLine({ account }: InitGithub): Block {
  const parts =
    account === null
      ? ["not known: reviews on GitHub will not count", "waybill gate open policy --add-approver <name>=@<login>"]
      : [`@${account.login}`, `id ${account.id}`, "reviews of this account count"];
  return { kind: "line", label: "Account", parts };
}

/** What was written into the clone, and what was not, and why. */
function fileLines(github: InitGithub): readonly Block[] {
  const written = writtenText(github);
  const rows: readonly (readonly [label: string, isDone: boolean, ...parts: readonly string[]])[] = [
    ...(written === "" ? [] : [["Written", true, written, "to be committed"] as const]),
    ...github.files
      .filter(({ status }) => status === "differs")
      .map(({ path }) => ["Differs", false, path, "kept as it is, which is not this version's"] as const),
    ...(github.files.some(({ status }) => status === "elsewhere")
      ? [
          [
            "Files",
            true,
            "not written: workflows and .waybill.json need a clone",
            "there: waybill init --github",
          ] as const,
        ]
      : []),
    ...(unpinned(github)
      ? [
          [
            "Workflows",
            false,
            "not written: which actions should they use?",
            "--actions <owner/repo>@<commit>",
          ] as const,
        ]
      : []),
  ];
  return rows.map(([label, isDone, ...parts]) => ({ kind: "line", label, parts, tone: isDone ? "plain" : "wait" }));
}

/** The one next command: the root is pinned in the code, and branches that lie in the clone alone reach its remote, before anything else. */
function nextOf(created: InitResultV1["created"]): readonly string[] {
  if (!created.includes(".waybill.json")) return ["dist app create <slug>"];
  const branches = created.includes("waybill/state") ? " HEAD waybill/state waybill/decisions" : " HEAD";
  return [`git add .waybill.json && git commit -m "Pin the root of decisions" && git push origin${branches}`];
}
