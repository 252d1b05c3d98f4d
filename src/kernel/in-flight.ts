/** Lists that become known one after another. */
export type Lists<T> = Iterable<readonly T[]> | AsyncIterable<readonly T[]>;

/** Answered ones that are dropped together. */
const MANY = 1024;

/**
 * What was asked for and not answered, in order. Whoever answers takes lists as they become known; whoever gives up leaves what is not
 * answered to the next one, which begins with it.
 */
export class InFlight<T> {
  readonly #source: Iterator<readonly T[]> | AsyncIterator<readonly T[]>;
  readonly #most: number;
  /** What is known and was not dropped yet; those before `#first` were answered. */
  #known: T[] = [];
  #first = 0;
  /** How many were dropped. */
  #dropped = 0;
  #isWhole = false;
  #hasEnded = false;
  /** The next list, on its way; it stays where the source has failed, so that everyone hears of that. */
  #pulling: Promise<void> | null = null;
  #wake: (() => void) | null = null;

  /** No further list is asked for while `most` are not answered. */
  constructor(source: Lists<T>, most = Number.POSITIVE_INFINITY) {
    this.#source = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.#most = most;
  }

  /** How many are not answered. */
  get size(): number {
    return this.#known.length - this.#first;
  }

  /** One of those that are not answered, by its place among them. */
  at(index: number): T | undefined {
    return this.#known[this.#first + index];
  }

  /** Those that are not answered, from a place among them, or some of them. */
  open(from = 0, count = Number.POSITIVE_INFINITY): readonly T[] {
    return this.#known.slice(this.#first + from, this.#first + from + count);
  }

  /** True when everything was asked for and answered. */
  get isDone(): boolean {
    return this.#isWhole && this.size === 0;
  }

  /** Waits until so many are known; false where there are fewer, or the source fails before. */
  async knows(count: number): Promise<boolean> {
    try {
      while (!this.#isWhole && this.size < count) await this.#pull();
    } catch {
      // Whoever takes the lists hears of it.
    }
    return this.size >= count;
  }

  /** Lists to answer, from the first that is not answered. One reader at a time; throws what the source throws. */
  async *lists(): AsyncGenerator<readonly T[]> {
    for (let at = this.#dropped + this.#first; !this.#hasEnded; ) {
      const some = this.#known.slice(at - this.#dropped);
      at += some.length;
      if (some.length > 0) yield some;
      else if (this.#isWhole) return;
      else await (this.size < this.#most ? this.#pull() : this.#room());
    }
  }

  /** The first ones were answered; tells which. */
  answer(count: number): readonly T[] {
    const answered = this.open(0, count);
    this.#first += answered.length;
    if (this.#first > MANY && this.#first * 2 > this.#known.length) {
      this.#known = this.#known.slice(this.#first);
      this.#dropped += this.#first;
      this.#first = 0;
    }
    if (this.size < this.#most) this.#wake?.();
    return answered;
  }

  /** Nobody answers any more. */
  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
    // What it is busy with may fail; nobody waits for that.
    void Promise.resolve(this.#source.return?.()).catch(() => undefined);
  }

  #pull(): Promise<void> {
    this.#pulling ??= this.#take();
    return this.#pulling;
  }

  async #take(): Promise<void> {
    const next = await this.#source.next();
    if (next.done === true) this.#isWhole = true;
    else for (const one of next.value) this.#known.push(one);
    this.#pulling = null;
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
