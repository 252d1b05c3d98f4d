import { armoured, keyNamed } from "./stage.ts";
import type { Step } from "./steps.ts";

const DECISION = "waybill-decision-v1";

type Signing = (names: readonly string[], bytes: Buffer) => readonly string[];

const by =
  (namespace: string, of: (name: string) => string = (name) => name): Signing =>
  (names, bytes) =>
    names.map((name) => keyNamed(of(name)).sign(namespace, bytes));
const honest = by(DECISION);
const garbage = armoured(Buffer.from("SSHSIG and nothing else"));

const faults: Readonly<Record<NonNullable<Step["signatures"]>, Signing>> = {
  namespace: by("waybill-evidence-v1"),
  as_request: by("waybill-request-v1"),
  other_bytes: (names, bytes) => honest(names, Buffer.concat([bytes, Buffer.from("\n")])),
  garbage: (names) => names.map(() => garbage),
  garbage_and_good: (names, bytes) => [garbage, ...honest(names, bytes)],
  outsider: by(DECISION, () => "outsider"),
  twice: (names, bytes) => names.slice(0, 1).flatMap((name) => honest([name, name], bytes)),
  spare: (_, bytes) => honest(["alice", "alice spare"], bytes),
  text_around: (names, bytes) => honest(names, bytes).flatMap((block) => ["signed by hand\n", block]),
  crlf: (names, bytes) => honest(names, bytes).map((block) => block.replaceAll("\n", "\r\n")),
  none: () => [],
};

/** Texts of approvals in a `.sig`, with a step's fault. */
export function approvalsOf(names: readonly string[], bytes: Buffer, fault: Step["signatures"]): readonly string[] {
  return (fault === null ? honest : faults[fault])(names, bytes);
}

/** The request of a person, signed. */
export function requestOf(name: string, bytes: Buffer): string {
  return keyNamed(name).sign("waybill-request-v1", bytes);
}
