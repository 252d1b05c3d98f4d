import type { Act } from "../../kernel/act.ts";
import { isRefused, reason, type Refused, refuse, ToolError } from "../../kernel/errors.ts";
import { parseInputJson } from "../../kernel/input-json.ts";
import type { Keys } from "../../ports/signer.ts";
import type { DocumentName, Documents, GateOpenResultV1 } from "../../schema/types.gen.ts";
import { askingKey } from "./asking-key.ts";
import { parsePublicKey, printPublicKey } from "../core/ssh/openssh-key.ts";
import { editPolicy, type PolicyBody, type PolicyChange, withoutHeader } from "../core/policy-edit.ts";
import { lockProblem } from "../core/policy-lock.ts";
import { policyKind, principalsKind } from "../decisions.ts";
import type { GateGround } from "../ground.ts";
import type { ProposalRequest, Proposed } from "./proposal.ts";
import { propose } from "./propose.ts";
import { notOpenedPart, verdictPart } from "../result-parts.ts";
import { loadDecisions } from "../view/view.ts";

/** A run of `gate open`. */
export interface OpenRun {
  readonly ground: GateGround;
  readonly act: Act;
  readonly keys: Keys;
  readonly keyFile: string | null;
  readonly reason: string;
  readonly dryRun: boolean;
}

/** Where a new document comes from: a file that a person edited, or for policy a change by flags. */
export type Wanted =
  | { readonly file: { readonly what: string; readonly bytes: Uint8Array } }
  | { readonly change: PolicyChange };

/** Reads the line of a public key file into a key as policy.json holds it. Throws `ssh.malformed`. */
export function parseApprover(line: string): string {
  const [type = "", body = ""] = line.trim().split(/\s+/);
  return printPublicKey(parsePublicKey(`${type} ${body}`));
}

/** Opens a proposal that changes policy.json or config/principals.json. Throws `schema.invalid` where the file is no such document. */
export async function openGate(
  run: OpenRun,
  kind: "policy" | "principals",
  wanted: Wanted,
): Promise<GateOpenResultV1 | Refused> {
  if (kind === "principals") {
    return opened(run, {
      kind: principalsKind,
      key: {},
      draft: async (header) => {
        const body = "file" in wanted ? bodyOf(wanted.file) : {};
        return run.ground.schemas.check(
          "principals.v1",
          { ...body, ...header, schema: "principals.v1", seen: {} },
          nameOf(wanted),
        );
      },
    });
  }
  return opened(run, {
    kind: policyKind,
    key: {},
    draft: async (header, _, decisions) => {
      const body = "file" in wanted ? bodyOf(wanted.file) : editPolicy(decisions.policy.document, wanted.change);
      if (isRefused(body)) return body;
      const document = run.ground.schemas.check(
        "policy.v1",
        { ...body, ...header, schema: "policy.v1", seen: {} },
        nameOf(wanted),
      );
      if (isSame(document, decisions.policy.document)) return unchanged();
      const problem = lockProblem(document);
      return problem === null ? document : locked(problem);
    },
  });
}

function bodyOf({ what, bytes }: { readonly what: string; readonly bytes: Uint8Array }) {
  return withoutHeader(parseInputJson(bytes, { what, code: "schema.invalid" }).value);
}

function nameOf(wanted: Wanted): string {
  return "file" in wanted ? wanted.file.what : "policy.json";
}

function isSame(one: PolicyBody, other: PolicyBody): boolean {
  const body = ({ people, groups, governance, attestors, apps, defaults }: PolicyBody) =>
    JSON.stringify([people, groups, governance, attestors, apps, defaults]);
  return body(one) === body(other);
}

function unchanged(): Refused {
  return refuse(reason("usage.invalid_argument", "This is the policy in force; there is nothing to propose"));
}

function locked(problem: string): Refused {
  const message = `Nobody could change this policy any more: ${problem}`;
  const hint = "Name more approvers with keys, or ask fewer approvals";
  return refuse(reason("usage.invalid_argument", message, { problem }, hint));
}

/** Opens the proposal of a kind and says what came of it. */
export async function opened<N extends DocumentName>(
  run: OpenRun,
  request: Pick<ProposalRequest<N>, "kind" | "key" | "draft">,
): Promise<GateOpenResultV1 | Refused> {
  const { ground, act, dryRun } = run;
  const { policy } = await loadDecisions(ground);
  const signer = await askingKey(policy.document, act.actor, (preferred) => run.keys.signer(run.keyFile, preferred));
  const done = await propose(ground, act, { ...request, reason: run.reason, signer }, { dryRun });
  return isRefused(done) ? done : resultOf(request.kind.kind, done, dryRun);
}

function resultOf<N extends keyof Documents>(kind: string, done: Proposed<N>, planned: boolean): GateOpenResultV1 {
  const { proposal, document, path, title, verdict, created } = done;
  if (!("proposal_id" in document) || !("requested_by" in document))
    throw new ToolError("internal.bug", "A decision without header");
  const { requested_by, requested_at, reason: why } = document;
  return {
    schema: "gate-open-result.v1",
    planned,
    created,
    proposal: {
      id: proposal.id,
      number: proposal.number,
      url: proposal.url,
      not_opened: notOpenedPart(done.notOpened),
      state: "open",
      kind,
      title,
      path,
      requested_by,
      requested_at,
      reason: why,
      base: proposal.base,
      head: proposal.head,
    },
    verdict: verdictPart(verdict),
  };
}
