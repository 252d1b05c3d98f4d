/**
 * Lets several who do the same steps of work be under way at once, each step in the order in which they came to it: what one of them
 * brought, the next one has at hand.
 */
export class Turns {
  readonly #last: Promise<unknown>[] = [];

  /** Does the work of a step after that of all who came to this step before, whether it failed or not. */
  take<T>(step: number, work: () => Promise<T>): Promise<T> {
    const mine = (this.#last[step] ?? Promise.resolve()).then(work);
    this.#last[step] = mine.catch(() => undefined);
    return mine;
  }
}
