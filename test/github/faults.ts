/** What a fault is chosen by. */
export interface FaultTarget {
  /** Count of requests so far, this one included: the first is 1. */
  readonly n: number;
  readonly kind: "rest" | "graphql" | "git" | "upload" | "download" | "browser";
  readonly method: string;
  readonly path: string;
  readonly operation: string | null;
  /** The query of its address and the text of a GraphQL request: with it, two reads of one operation can be told apart. */
  readonly asks: string;
}

/** What goes wrong. */
export type FaultEffect =
  /** Answered without being handled, for example 502 or a secondary limit with `retry-after`. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is cut before anything is handled. */
  | { readonly kind: "drop" }
  /** Handled in full, then the connection is cut without an answer. */
  | { readonly kind: "lose" }
  /** Handled in full, but answered with this status. */
  | { readonly kind: "status-after"; readonly status: number }
  /** The next reads answer what was true before the last write. Applies from this request on. */
  | { readonly kind: "stale"; readonly reads: number }
  /** Only so many bytes of the body are seen, then 502: an upload leaves a `starter` asset. */
  | { readonly kind: "truncate"; readonly bytes: number };

/** A fault that waits for its request. */
export interface Fault {
  /** The n-th request from the start, or a choice. */
  readonly when: number | ((target: FaultTarget) => boolean);
  readonly effect: FaultEffect;
  /** How often it strikes; 1 where absent. */
  readonly times?: number;
}

/** Faults that are planned, and those that struck. */
export class FaultPlan {
  readonly #planned: { fault: Fault; left: number }[] = [];
  readonly struck: { readonly target: FaultTarget; readonly effect: FaultEffect }[] = [];
  /** Reads that still answer an old state. */
  staleReads = 0;

  add(fault: Fault): void {
    this.#planned.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#planned.length = 0;
    this.staleReads = 0;
  }

  /** Takes the fault that strikes a request. */
  take(target: FaultTarget): FaultEffect | null {
    const found = this.#planned.find(
      ({ fault: { when }, left }) => left > 0 && (typeof when === "number" ? when === target.n : when(target)),
    );
    if (found === undefined) return null;
    found.left -= 1;
    this.struck.push({ target, effect: found.fault.effect });
    return found.fault.effect;
  }
}

/** GitHub's secondary limit, as it is answered. */
export function secondaryLimit(retryAfterSeconds: number, status: 403 | 429 = 403): FaultEffect {
  return {
    kind: "status",
    status,
    message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    headers: { "retry-after": String(retryAfterSeconds) },
  };
}
