import type { Span } from "../../src/kernel/markdown.ts";
import type { DistPublishResultV1, PublishedArtifact, PublishedChannel } from "../../src/schema/types.gen.ts";
import { defineAction, type SummaryOn } from "../action/action.ts";
import type { Note } from "../action/annotations.ts";
import type { Part } from "../action/summary.ts";
import { distCiPublish as command } from "../commands/dist-ci-publish.ts";
import { shortCommit, sizeText, versionText } from "../output/cells.ts";
import { proposalName, proposalOutputs, proposalSpan, releaseText } from "./proposal.ts";

const SHORT_DIGEST = 12;

/** `actions/dist-publish`. */
export const distPublish = defineAction({
  name: "dist-publish",
  command,
  title: ({ planned, outcome, app, release }) => {
    const label = planned ? "Planned" : outcome === "unmodified" ? "Unchanged" : "Published";
    return `${label} ${app} ${versionText(release.version, release.build)}`;
  },
  parts: (result, on) => [
    ...result.channels.map(channelPart),
    ...nextPart(result),
    artifactTable(result.artifacts),
    linksPart(result, on),
    {
      kind: "code",
      title: "Full digests, for sha256sum -c",
      text: result.artifacts.map(({ sha256, filename }) => `${sha256}  ${filename}`).join("\n"),
    },
  ],
  outputs: ({ outcome, app, release, channels, commit }) => ({
    outcome,
    app,
    "release-id": release.id,
    version: release.version,
    build: release.build,
    tag: release.tag,
    url: release.url,
    ...proposalOutputs(channels.find(({ proposal }) => proposal !== null)?.proposal ?? null),
    commit,
  }),
  notes: ({ artifacts, channels }) => [...artifacts.flatMap(validationNotes), ...channels.flatMap(channelNotes)],
  opened: ({ channels, planned }) => !planned && channels.some(({ status }) => status === "proposed"),
});

function channelPart({ name, status, from, to, proposal, reasons }: PublishedChannel): Part {
  const move = ` from ${releaseText(from)} to ${releaseText(to)}`;
  const said: Readonly<Record<PublishedChannel["status"], readonly Span[]>> = {
    promoted: [" moved", move, "."],
    proposed: [
      " is gated and has not moved; ",
      ...(proposal === null ? [] : [proposalSpan(proposal)]),
      " proposes",
      move,
    ],
    unchanged: [` stays at ${releaseText(to)}.`],
    refused: [` did not move: ${reasons.join("; ")}`],
  };
  return { kind: "line", spans: [{ code: name }, ...said[status]] };
}

/** What to do next; what the answer itself says, where a pull request has to be opened before anybody can review it. */
function nextPart({ app, release, channels }: DistPublishResultV1): readonly Part[] {
  const waiting = channels.flatMap(({ proposal }) => (proposal === null ? [] : [proposal]));
  if (waiting.some((proposal) => proposal.url !== null && proposalName(proposal) === proposal.id)) return [];
  const build = release.build === null ? "" : `+${release.build}`;
  const promote = `dist release promote ${app}@${release.version}${build} --channel <name>`;
  const review = waiting.flatMap((proposal, i): readonly Span[] => [
    i === 0 ? "review " : ", ",
    proposalSpan(proposal),
  ]);
  return [{ kind: "next", spans: review.length > 0 ? review : [{ code: promote }] }];
}

function artifactTable(artifacts: readonly PublishedArtifact[]): Part {
  return {
    kind: "table",
    columns: [
      { title: "Platform" },
      { title: "Variant" },
      { title: "File" },
      { title: "Size", align: "right" },
      { title: "SHA-256" },
      { title: "Validation" },
    ],
    rows: artifacts.map(({ platform, variant, filename, size_bytes, sha256, validation_status, findings }) => [
      [platform],
      [variant ?? "-"],
      [{ code: filename }],
      [sizeText(size_bytes)],
      [{ code: sha256.slice(0, SHORT_DIGEST) }],
      findings.length === 0 ? [validation_status] : [{ strong: validation_status }, `: ${findings.join("; ")}`],
    ]),
  };
}

function linksPart({ release, pages, commit }: DistPublishResultV1, { repositoryUrl }: SummaryOn): Part {
  const [page] = pages;
  const record: Span = commit === null ? "" : { code: shortCommit(commit) };
  const links: readonly (readonly Span[])[] = [
    ...(page === undefined ? [] : [[{ text: "Install page and QR", link: page }]]),
    ...(release.url === null ? [] : [[{ text: "Release", link: release.url }]]),
    ...(commit === null
      ? []
      : [
          [
            "record ",
            repositoryUrl === null
              ? record
              : { text: shortCommit(commit), link: `${repositoryUrl}/commit/${commit}`, isCode: true as const },
          ],
        ]),
    ["running this job again changes nothing"],
  ];
  return { kind: "line", spans: links.flatMap((link, i): readonly Span[] => (i === 0 ? link : [" · ", ...link])) };
}

function validationNotes({ platform, filename, validation_status, findings }: PublishedArtifact): readonly Note[] {
  const level = validation_status === "failed" ? "error" : "warning";
  const kind = level === "error" ? "validation failure" : "validation warning";
  return findings.map((finding) => ({ level, kind, isCounted: true, message: `${platform} ${filename}: ${finding}` }));
}

function channelNotes({ name, status, proposal, reasons }: PublishedChannel): readonly Note[] {
  if (proposal !== null) {
    return [{ level: "notice", kind: "Proposed", message: `${name} waits for ${proposalName(proposal)}` }];
  }
  if (status !== "refused") return [];
  return [{ level: "warning", kind: "channel not moved", message: `${name}: ${reasons.join("; ")}` }];
}
