// The commits that a decision is made of.
import { print } from "../facts.mjs";
import { signature } from "./people.mjs";
import { actorOf, commitFacts, commitOf, derivedFrom, hex, SCOPE } from "./time-line.mjs";

/** The commits of a decision: its proposal with signatures, its event, its merge, and what gate sync records of it. */
export async function propose(world, { path, kind, document, needs, asksFor, events, merged }) {
  const { out, people } = world;
  const [requester, ...approvers] = people;
  const text = print(document);
  const [proposal, base] = [document.proposal_id, world.tip];
  let sig = signature(requester, "waybill-request-v1", text);
  const asks = commitOf(world, "dist release promote", `Decide ${proposal}`, 2, actorOf(requester));
  let head = await out.commit("proposal", asks, {
    from: base,
    files: [
      [path, text],
      [`${path}.sig`, sig],
    ],
  });
  await commitFacts(
    world,
    "dist release promote",
    `proposed ${proposal}`,
    [],
    [[`${kind === "channel" ? "promotion" : kind}.proposed`, "proposal", proposal, asksFor]],
    actorOf(requester),
    asks.at,
  );
  const signers = approvers.slice(0, needs);
  for (const one of signers) {
    sig += signature(one, "waybill-decision-v1", text);
    head = await out.commit("proposal", commitOf(world, "gate approve", `Approve ${proposal}`, 3, actorOf(one)), {
      from: head,
      files: [[`${path}.sig`, sig]],
    });
  }
  const merges = commitOf(world, "gate merge", `Merge ${proposal}`, world.decided + 2, actorOf(approvers[0]));
  const merge = await out.commit("waybill/decisions", merges, {
    from: base,
    merge: head,
    files: [
      [path, text],
      [`${path}.sig`, sig],
    ],
  });
  const evidence = {
    ...{
      schema: "decision-evidence.v1",
      repo_id: SCOPE.repo_id,
      forge_repository_id: null,
      proposal_id: proposal,
      kind,
      pull_request: null,
    },
    ...{
      base,
      head,
      merge,
      path,
      decision_sha256: hex(text),
      merged_at: merges.at,
      requesters: [requester.name],
      requester_verified: true,
    },
    merged_by: { id: `${approvers[0].name}@waybill.invalid`, kind: "human", name: approvers[0].name, verified: false },
    approvals: signers.map(({ name, fingerprint }) => ({
      person: name,
      id: fingerprint,
      login: null,
      method: "signature",
      commit: head,
      submitted_at: null,
    })),
    rules: ["shape", "base", "release", "approvals", "proof"].map((rule) => ({
      rule,
      status: "ok",
      message: rule === "shape" ? path : "ok",
    })),
    ...{ policy_sha256: world.policySha, grade: "signed", self_approved: false },
  };
  Object.assign(world, { tip: merge, decided: world.decided + 1 });
  merged?.(merges.at);
  if (kind === "policy") Object.assign(world, { policy: document, policySha: hex(text) });
  const record = [`decisions/${proposal.slice(5, 7)}/${proposal}.json`, print(evidence)];
  await commitFacts(
    world,
    "gate sync",
    `decision.recorded ${proposal}`,
    [record],
    [["decision.recorded", "proposal", proposal, { grade: "signed", kind, merge, path }], ...events].map(
      ([action, type, target, metadata = { proposal_id: proposal, merge }]) => [
        ...[action, type, target, metadata],
        derivedFrom(proposal, action, merges.at),
      ],
    ),
    actorOf(approvers[0]),
  );
}
