import type { Oid } from "../../src/kernel/oid.ts";
import type { ChannelPointerV1, PolicyV1 } from "../../src/schema/types.gen.ts";
import type { Decided, DecidedView } from "../../src/state/snapshot/decided-view.ts";

/** An effective view made by hand: a policy and pointers in force. */
export function decidedView(tip: Oid, root: Oid, policy: PolicyV1, pointers: readonly ChannelPointerV1[]): DecidedView {
  const decided: readonly Decided[] = pointers.map((document) => ({
    path: `channels/${document.app}/${document.channel}.json`,
    document,
    sha256: "c".repeat(64),
    commit: tip,
    mergedAt: "2026-01-02T00:00:00Z",
    grade: "signed",
    approvers: ["ada"],
    selfApproved: false,
    proof: { approvals: [{ person: "ada", method: "signature", id: "SHA256:ada" }] },
  }));
  return {
    root,
    tip,
    policy: { document: policy },
    list: (prefix) => decided.filter(({ path }) => path.startsWith(prefix)),
    history: (path) => decided.filter((one) => one.path === path),
    standing: () => undefined,
    pending: [],
    dishonoured: [],
  };
}
