import { defineCommand } from "../command.ts";

/** `waybill gate open`. */
export const gateOpen = defineCommand({
  path: "gate open",
  group: "Decide",
  summary: "Propose another policy, other principals or roots; people then approve it",
  examples: [
    'gate open policy --add-approver bob=bob.pub --reason "bob joins"',
    'gate open rewrite --old <commit> --new <commit> --reason "a recipient asked to be erased"',
    'gate open policy --file policy.json --reason "freeze on Fridays"',
    'gate open sigstore-root --file trusted_root.jsonl --reason "the public Sigstore and that of GitHub"',
  ],
  effects: ["a proposal is opened, or the same one is found; nothing has changed yet   exit 3"],
  positionals: [
    {
      name: "kind",
      describe: "policy, principals, sigstore-root or rewrite; channels: dist release promote, dist channel set",
    },
  ],
  options: {
    file: { type: "string", describe: "The whole new document; its header may be left out", placeholder: "file" },
    "add-approver": {
      type: "string",
      array: true,
      describe: "A person, and a public key or a GitHub account to approve with",
      placeholder: "name=key.pub | name=@login",
    },
    "add-attestor": {
      type: "string",
      array: true,
      describe: "Who vouches for evidence: a public key, or a workflow that signs with Sigstore",
      placeholder: "name=key.pub | name=workflow@branch",
    },
    "min-approvals": {
      type: "number",
      describe: "How many people must approve policy, yanks and gated channels",
      placeholder: "n",
    },
    old: {
      type: "string",
      describe: "For a rewrite: the tip of the facts whose history is given up",
      placeholder: "commit",
    },
    new: { type: "string", describe: "For a rewrite: the tip of the history in its place", placeholder: "commit" },
    reason: {
      type: "string",
      describe: "Kept with the decision and shown to approvers",
      demandOption: true,
      placeholder: "text",
    },
  },
  writes: true,
  needs: ["ground", "acts", "asker", "keys", "files"],
  result: "gate-open-result.v1",
  async run({ ground, acts, asker, keys, files }, args) {
    const { isRefused, reason } = await import("../../src/kernel/errors.ts");
    const { actorOf } = await import("../../src/gate/caller.ts");
    const { openGate } = await import("../../src/gate/propose/open.ts");
    const { readWanted } = await import("../../src/gate/propose/open-input.ts");
    const { openRewrite } = await import("../../src/gate/propose/open-rewrite.ts");
    const { openSigstoreRoot } = await import("../../src/gate/propose/open-sigstore-root.ts");
    const wanted = await readWanted({ files, ...(ground.forge && { forge: ground.forge }) }, args);
    if (isRefused(wanted)) return wanted;
    const actor = await actorOf(ground, asker, { scope: "tokens:admin" });
    if (isRefused(actor)) return actor;
    const keyFile = typeof args["key"] === "string" ? args["key"] : null;
    const run = {
      ground,
      act: acts.begin(actor, "gate open"),
      keys,
      keyFile,
      reason: String(args["reason"]),
      dryRun: args["dry-run"] === true,
    };
    const result =
      wanted.kind === "rewrite"
        ? await openRewrite(run, wanted.wanted)
        : wanted.kind === "sigstore-root"
          ? await openSigstoreRoot(run, wanted.wanted.file)
          : await openGate(run, wanted.kind, wanted.wanted);
    if (isRefused(result)) return result;
    const { id, title, url, not_opened: notOpened } = result.proposal;
    const data = { proposal_id: id, url };
    const error = notOpened
      ? reason(
          "forge.pull_request.not_permitted",
          notOpened.message,
          { ...data, compare_url: notOpened.compare_url },
          ...notOpened.hints,
        )
      : reason("gate.merge.waiting", `${title ?? id} waits in ${id}`, data, url ?? `waybill gate approve ${id}`);
    return { result, exit: 3, error };
  },
  async screen({ planned, created, proposal, verdict }) {
    const { numbered, verdictText } = await import("../screens/gate.ts");
    const { nextOf } = await import("../moving.ts");
    return {
      blocks: [
        {
          kind: "line",
          label: planned ? "Planned" : created ? "Proposed" : "Waiting",
          parts: [proposal.title ?? proposal.id, ...numbered(proposal)],
        },
        { kind: "line", label: "Verdict", parts: [verdictText(verdict)] },
      ],
      next: planned ? [] : nextOf(proposal, verdict),
    };
  },
});
