import { type Reason, reason } from "../../src/kernel/errors.ts";
import type { DistDoctorResultV1, DoctorFinding } from "../../src/schema/types.gen.ts";
import type { Screen, Tone } from "../screen.ts";
import { asOfText } from "./parts.ts";

const TONES: Readonly<Record<DoctorFinding["status"], Tone>> = {
  fail: "refuse",
  ok: "ok",
  unknown: "wait",
  warn: "wait",
};

/** How an examination ends: what is broken wins over what could not be found out. */
export function endingOf({ fail, unknown, findings }: DistDoctorResultV1): {
  readonly exit: 0 | 1 | 4;
  readonly error?: Reason;
} {
  const [first] = findings.filter(({ status }) => status === (fail > 0 ? "fail" : "unknown"));
  if (first === undefined) return { exit: 0 };
  const data = { id: first.id, fail, unknown };
  const hints = first.fix === null ? [] : [first.fix];
  const [code, exit] = fail > 0 ? (["doctor.failed", 1] as const) : (["doctor.unknown", 4] as const);
  return { exit, error: reason(code, `${first.id}: ${first.message}`, data, ...hints) };
}

/** Tells two findings that say the same, as all do where a forge does not answer. */
function isAlike(a: DoctorFinding, b: DoctorFinding): boolean {
  return a.status === b.status && a.message === b.message && a.fix === b.fix;
}

/** Shows what is not in order, the worst first, and counts the rest. */
export function doctorScreen({ findings, ok, as_of }: DistDoctorResultV1, now: Date): Screen {
  const found = findings.filter(({ status }) => status !== "ok");
  const firsts = found.filter((one) => found.find((other) => isAlike(one, other)) === one);
  const columns = Math.max(0, ...firsts.map(({ id }) => id.length));
  const rest = found.length === 0 ? `${ok} checks` : `${ok} more`;
  return {
    blocks: [
      ...firsts.map((first) => {
        const { id, status, message, fix } = first;
        const others = found.filter((one) => one.id !== id && isAlike(one, first)).map((one) => one.id);
        const said = fix === null ? message : `${message}; fix: ${fix}`;
        const more = others.length === 0 ? [] : [`also ${[...new Set(others)].join(", ")}`];
        return {
          kind: "line",
          label: status,
          tone: TONES[status],
          parts: [id.padEnd(columns), said, ...more],
        } as const;
      }),
      { kind: "line", label: "ok", tone: TONES.ok, parts: [`${rest}, --json lists them`] },
    ],
    ...(as_of === undefined ? {} : { asOf: asOfText(as_of, now) }),
  };
}
