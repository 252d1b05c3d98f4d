import { actOf, operationId } from "../../src/kernel/act.ts";
import { isOid, type Oid } from "../../src/kernel/oid.ts";
import { githubForge } from "../../src/platform/github/forge.ts";
import type { Forge, Opened, Proposal, ProposalPage } from "../../src/ports/forge.ts";
import { DECISIONS, PROPOSALS } from "../../src/state/branches.ts";
import type { Acme } from "../github/acme.ts";
import { pushFiles } from "../github/people.ts";
import { acmeForTest, clientOf } from "./github-publish.ts";

/** acme/notes of the stand-in with a decisions branch and one proposal, `prop_one`, pushed by alice and not opened yet. */
export interface Proposing {
  readonly acme: Acme;
  /** As the workflow's token sees it. */
  readonly forge: Forge;
  readonly base: Oid;
  readonly head: Oid;
  /** The forge as another token sees it, with requests counted from zero. */
  readonly as: (token: string) => Forge;
  /** Opens `prop_one`. */
  readonly opened: (page?: Partial<ProposalPage>) => Promise<Proposal>;
}

/** What the page of a test says. */
export const PAGE: ProposalPage = {
  title: "Promote acme-notes 1.4.0 to stable",
  body: "<!-- waybill:proposal prop_one -->\nMerging this moves stable.\n",
  labels: ["waybill:promotion"],
  reviewers: [],
};

/** Makes it. */
export async function proposing(): Promise<Proposing> {
  const acme = await acmeForTest();
  acme.repo.features.settings.canApprove = true;
  const { github, repo, people } = acme;
  const base = oidOf(await pushFiles(github, repo, DECISIONS, people.alice, { "policy.json": "{}\n" }));
  const head = oidOf(await pushProposal(acme, "prop_one", "one"));
  const as = (token: string) =>
    githubForge({ client: clientOf(acme, token), decisionsBranch: DECISIONS, proposalPrefix: PROPOSALS });
  const forge = as(acme.tokens.workflow);
  return {
    acme,
    forge,
    base,
    head,
    as,
    opened: async (page = {}) => proposalIn(await forge.open({ id: "prop_one", head, base }, { ...PAGE, ...page })),
  };
}

/** Pushes the branch of a proposal that changes a pointer to `text`, as alice. */
export function pushProposal(acme: Acme, id: string, text: string): Promise<string> {
  const files = { "channels/acme-notes/stable.json": `{ "${text}": 1 }\n` };
  return pushFiles(acme.github, acme.repo, PROPOSALS + id, acme.people.alice, files, DECISIONS);
}

/** The proposal of what was opened; throws where it was not. */
export function proposalIn(opened: Opened): Proposal {
  if ("proposal" in opened) return opened.proposal;
  throw new Error(opened.why.message);
}

/** Reads a commit id. */
export function oidOf(text: string): Oid {
  if (isOid(text)) return text;
  throw new Error(`${text} is no commit`);
}

/** The act of a merge. */
export const ACT = actOf({
  operation: operationId(0, "forge"),
  at: "2026-03-01T12:00:00Z",
  actor: { kind: "tool", name: "test", id: "test", verified: false },
  requestId: "req_1",
  command: "waybill gate merge",
});

/** Everything that an iterable gives. */
export async function all<T>(from: AsyncIterable<T>): Promise<readonly T[]> {
  const rows: T[] = [];
  for await (const row of from) rows.push(row);
  return rows;
}
