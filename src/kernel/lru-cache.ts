/**
 * Keeps the values that were used last, about a total weight of them. Two halves take turns: what is used moves into the new one, and
 * when that is full the old one goes, which costs less than an order of all values.
 */
export class LruCache<K, V> {
  #used = new Map<K, V>();
  #older = new Map<K, V>();
  readonly #half: number;
  readonly #weigh: (value: V) => number;
  #weight = 0;

  constructor(capacity: number, weigh: (value: V) => number) {
    this.#half = capacity / 2;
    this.#weigh = weigh;
  }

  get(key: K): V | undefined {
    const used = this.#used.get(key);
    if (used !== undefined) return used;
    const value = this.#older.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    const before = this.#used.get(key);
    this.#weight += this.#weigh(value) - (before === undefined ? 0 : this.#weigh(before));
    this.#used.set(key, value);
    if (this.#weight <= this.#half) return;
    this.#older = this.#used;
    this.#used = new Map();
    this.#weight = 0;
  }
  /** Drops a value that nobody will ask for again, which leaves room for others. */
  delete(key: K): void {
    const value = this.#used.get(key);
    if (value !== undefined) this.#weight -= this.#weigh(value);
    this.#used.delete(key);
    this.#older.delete(key);
  }
}
