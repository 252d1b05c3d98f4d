import { msOf, timestamp } from "../../kernel/time.ts";
import type { PointerSource, Soak } from "../../schema/types.gen.ts";
import type { RuleResult } from "./verdict.ts";

/** The row `soak` of a verdict: the release has been on the source channel for as long as policy asks, as the decision's `seen` says. */
export function soakRow(soak: Soak | null, source: PointerSource | null, at: string): RuleResult {
  if (soak === null) return { rule: "soak", status: "ok", message: "none asked" };
  if (source === null || source.channel !== soak.source)
    return { rule: "soak", status: "wait", message: `the release is not on ${soak.source}` };
  const waitedMs = msOf(at) - msOf(source.since);
  const wantedMs = soak.minutes * 60_000;
  const seen = `on ${soak.source} for ${hours(waitedMs)} of ${hours(wantedMs)}`;
  if (waitedMs >= wantedMs) return { rule: "soak", status: "ok", message: seen };
  const done = timestamp(new Date(msOf(source.since) + wantedMs));
  return { rule: "soak", status: "wait", message: `${seen}, done at ${done}` };
}

function hours(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const [whole, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (whole === 0) return `${rest} min`;
  return rest === 0 ? `${whole} h` : `${whole} h ${rest} min`;
}
