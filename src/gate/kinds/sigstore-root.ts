import { byCodePoint } from "../../kernel/text.ts";
import { sha256Hex } from "../../kernel/digest.ts";
import { type Reason, reason } from "../../kernel/errors.ts";
import type { TrustedAuthority, TrustedLog, TrustedRoot, TrustedTime } from "../../schema/types.gen.ts";
import { SIGSTORE_ROOT } from "../view/bundle-signer.ts";
import type { Decision } from "../core/decisions.ts";
import { resolveGovernance } from "../core/requirement.ts";
import type { DecisionKind } from "../decision-kind.ts";
import { type Compared, NOTHING_MOVES } from "../page/description.ts";

/** Whose certificates, logs and times Sigstore bundles of attestors are believed by: `config/sigstore-root.json`. */
export const sigstoreRootKind: DecisionKind<"sigstore-root.v1"> = {
  kind: "sigstore_root",
  schema: "sigstore-root.v1",
  path: SIGSTORE_ROOT,
  keyOf: () => ({}),
  title: ({ trusted_roots: roots }) => `Change the trusted Sigstore roots: ${titleOf(roots)}`,
  standing: ({ proposal_id }) => ({ subject: "the trusted Sigstore roots", value: `those of ${proposal_id}` }),
  describe: ({ decisions }, document) =>
    Promise.resolve({
      ...NOTHING_MOVES,
      label: "policy",
      effect: ["changes ", { strong: "the trusted Sigstore roots" }, ": who may say that a workflow signed something"],
      heads: [["Roots now"], ["After the merge"]],
      compared: changesOf(rootsOf(decisions.find(SIGSTORE_ROOT)), document.trusted_roots),
      told: [
        {
          title: "Before you approve",
          text: "fetch the roots yourself (gh attestation trusted-root, or cosign trusted-root) and compare the digests",
        },
        { title: "If it must be undone", text: "propose the earlier roots again; decisions made under these stay" },
      ],
      commands: [{ command: "waybill gate open sigstore-root --file trusted_root.json", does: "how they are changed" }],
    }),
  requirement: (_, before) => resolveGovernance(before.policy.document),
  rules: () => [],
  agrees: () => Promise.resolve([]),
  advice: async (_, { trusted_roots: roots }) =>
    (await unusable(roots)).map(({ message }) => ({ rule: "roots", status: "refuse", message }) as const),
  proposed: ({ proposal_id, reason: why }) => ({
    action: "sigstore_root.proposed",
    target: ["proposal", proposal_id],
    metadata: { path: SIGSTORE_ROOT, reason: why },
  }),
  afterMerge: (_, { proposal_id }, { commit }) =>
    Promise.resolve({
      writes: [],
      events: [
        {
          action: "sigstore_root.changed",
          target: ["config", "sigstore-root.json"],
          metadata: { proposal_id, merge: commit },
        },
      ],
    }),
};

/** Says which roots nothing could be held against; what reads them is loaded only here. */
export async function unusable(roots: readonly TrustedRoot[]): Promise<readonly Reason[]> {
  const { rootProblem } = await import("../core/sigstore/sigstore.ts");
  return roots.flatMap((root, i) => {
    const problem = rootProblem(root);
    if (problem === null) return [];
    const message = `Trusted root ${i + 1} cannot be used: ${problem}`;
    return [reason("gate.merge.refused", message, { root: i + 1 }, "gh attestation trusted-root > trusted_root.jsonl")];
  });
}

function titleOf(roots: readonly TrustedRoot[]): string {
  const uris = roots.flatMap((root) =>
    root.certificateAuthorities.map(({ uri }) => uri ?? "an authority without address"),
  );
  return [...new Set(uris)].join(", ").slice(0, 150);
}

function rootsOf(decision: Decision | undefined): readonly TrustedRoot[] {
  const document = decision?.document;
  return document !== undefined && "trusted_roots" in document ? document.trusted_roots : [];
}

/** Each key and certificate is a row, named by whose it is, with its whole digest: nothing hides behind a cut. */
function changesOf(now: readonly TrustedRoot[], after: readonly TrustedRoot[]): readonly Compared[] {
  const [was, is] = [partsOf(now), partsOf(after)];
  const digests = [...new Set([...was.keys(), ...is.keys()])].toSorted(byCodePoint);
  return digests
    .filter((digest) => was.get(digest) !== is.get(digest))
    .map((digest) => ({
      name: is.get(digest) ?? was.get(digest) ?? "",
      now: was.has(digest) ? [{ code: digest }] : ["-"],
      after: is.has(digest) ? [{ code: digest }] : ["-"],
    }));
}

function partsOf(roots: readonly TrustedRoot[]): ReadonlyMap<string, string> {
  const logs = (what: string, list: readonly TrustedLog[] = []) =>
    list.map(
      ({ baseUrl, publicKey }) => [publicKey.rawBytes, `${what} ${baseUrl}${until(publicKey.validFor)}`] as const,
    );
  const authorities = (what: string, list: readonly TrustedAuthority[] = []) =>
    list.flatMap(({ uri, certChain, validFor }) =>
      certChain.certificates.map(({ rawBytes }) => [rawBytes, `${what} ${uri ?? ""}${until(validFor)}`] as const),
    );
  const parts = roots.flatMap((root) => [
    ...authorities("certificates of", root.certificateAuthorities),
    ...authorities("times of", root.timestampAuthorities),
    ...logs("log", root.tlogs),
    ...logs("certificate log", root.ctlogs),
  ]);
  return new Map(parts.map(([base64, name]) => [sha256Hex(Buffer.from(base64, "base64")), name]));
}

function until(valid: TrustedTime | undefined): string {
  return valid?.end === undefined ? "" : `, until ${valid.end}`;
}
