import type { Caller } from "./route.ts";

const HOUR_MS = 3_600_000;
/** Requests an hour: GITHUB_TOKEN's are counted per repository, others per account (facts 1.5). */
const LIMITS = { workflow: 1000, app: 5000, user: 5000, none: 60 } as const;

/** How much of a limit is used, as GitHub shows it. */
export interface Rate {
  readonly limit: number;
  readonly remaining: number;
  /** Unix time in seconds. */
  readonly reset: number;
  readonly used: number;
}

/** REST and GraphQL are counted apart. */
export type Resource = "core" | "graphql";

/** GitHub's primary limit: so many requests an hour for each token's owner. */
export class RateLimits {
  readonly #windows = new Map<string, { resetMs: number; used: number }>();
  /** Replaces the limits of GitHub where a test wants to meet them sooner, or never. */
  limit: number | null = null;

  /** Counts one request; `isOver` where it is one too many. */
  take(
    caller: Caller | null,
    now: Date,
    resource: Resource = "core",
  ): { readonly isOver: boolean; readonly headers: Record<string, string> } {
    const window = this.#window(caller, now, resource);
    const isOver = window.used >= this.#limitOf(caller);
    if (!isOver) window.used += 1;
    const headers: Record<string, string> = { "x-ratelimit-resource": resource };
    for (const [name, value] of Object.entries(this.show(caller, now, resource)))
      headers[`x-ratelimit-${name}`] = String(value);
    return { isOver, headers };
  }

  /** Shows how much is used, without counting. */
  show(caller: Caller | null, now: Date, resource: Resource = "core"): Rate {
    const { used, resetMs } = this.#window(caller, now, resource);
    const limit = this.#limitOf(caller);
    return { limit, remaining: Math.max(0, limit - used), reset: Math.ceil(resetMs / 1000), used };
  }

  #limitOf(caller: Caller | null): number {
    return this.limit ?? LIMITS[caller?.kind ?? "none"];
  }

  #window(caller: Caller | null, now: Date, resource: Resource): { resetMs: number; used: number } {
    const key = `${resource} ${caller?.kind ?? "none"} ${caller?.account.id ?? 0}`;
    const known = this.#windows.get(key);
    if (known !== undefined && known.resetMs > now.getTime()) return known;
    const window = { resetMs: now.getTime() + HOUR_MS, used: 0 };
    this.#windows.set(key, window);
    return window;
  }
}
