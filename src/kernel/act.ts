import { derived, timePart } from "./ids.ts";

/** Who acts: a person, a workflow, the holder of a token, or the tool itself. `verified` says whether that was proven. */
export interface Actor {
  readonly kind: "human" | "workflow" | "token" | "tool";
  readonly name: string;
  readonly id: string;
  readonly verified: boolean;
}

/**
 * Who, when and which attempt: minted once per use case, the same in every re-plan.
 * Plans take time and ids only from here, so a re-plan is the same operation, byte for byte.
 */
export interface Act {
  /** `op_` and 26 characters that sort by time; stands in the commit as `Waybill-Operation`. */
  readonly operation: string;
  /** RFC 3339, UTC, whole seconds. */
  readonly at: string;
  readonly actor: Actor;
  readonly requestId: string;
  /** Command line words that people know this act by, for example `dist ci publish`. */
  readonly command: string;
  /** Mints the next id of a prefix; counts up from the operation id, so ids are public and unguessable only before the act. */
  id(prefix: string): string;
  /** The same act with its counters at zero, for planning again. */
  again(): Act;
  /** A further operation of the same act, for use cases that commit more than once. */
  step(name: string): Act;
}

/** Builds an act from its parts; the random part of `operation` is the only entropy that ids have. */
export function actOf(parts: Omit<Act, "id" | "again" | "step">): Act {
  const counts = new Map<string, number>();
  return {
    ...parts,
    id(prefix) {
      const n = counts.get(prefix) ?? 0;
      counts.set(prefix, n + 1);
      const seed = `${parts.operation}\n${prefix}\n${n}`;
      // Audit events sort by time and then in the order in which one plan made them.
      if (prefix === "aud") return `aud_${timePart(Date.parse(parts.at) + Math.min(n, 999))}${derived(seed, 16)}`;
      return `${prefix}_${derived(seed, 12)}`;
    },
    again: () => actOf(parts),
    step: (name) => actOf({ ...parts, operation: `${parts.operation}-${name}` }),
  };
}

/** Makes an operation id from a time in milliseconds and 10 random bytes. */
export function operationId(ms: number, random: string): string {
  return `op_${timePart(ms)}${derived(random, 16)}`;
}
