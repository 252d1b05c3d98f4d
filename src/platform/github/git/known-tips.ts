import type { Oid } from "../../../kernel/oid.ts";
import type { Clock } from "../../../ports/clock.ts";

/** How long a tip is good enough to write on: the swap finds out when it is not true any more. */
const WRITABLE_MS = 10_000;

/** When something was asked, and how much others had sent by then. */
export interface Moment {
  readonly atMs: number;
  readonly others: number;
}

/** Tips of branches that were asked for, or made, a moment ago. */
export class KnownTips {
  readonly #tips = new Map<string, Moment & { readonly tip: Oid | null }>();
  readonly #clock: Clock;
  readonly #others: () => number;

  constructor(clock: Clock, others: () => number) {
    this.#clock = clock;
    this.#others = others;
  }

  moment(): Moment {
    return { atMs: this.#clock.now().getTime(), others: this.#others() };
  }

  /** A tip to write on; null where it must be asked for. */
  get(branch: string): { readonly tip: Oid | null } | null {
    const known = this.#tips.get(branch);
    return known !== undefined && this.#clock.now().getTime() - known.atMs < WRITABLE_MS ? known : null;
  }

  set(branch: string, tip: Oid | null, moment = this.moment()): Oid | null {
    this.#tips.set(branch, { tip, ...moment });
    return tip;
  }

  forget(): void {
    this.#tips.clear();
  }

  /** Forgets what is older than that, and what this process may have changed in another way since: by merging a pull request. */
  forgetOlder(thanMs: number): void {
    const { atMs, others } = this.moment();
    for (const [branch, known] of this.#tips)
      if (atMs - known.atMs >= thanMs || known.others !== others) this.#tips.delete(branch);
  }
}
