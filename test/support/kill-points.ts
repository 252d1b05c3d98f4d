/** The process "died" at an outside call. */
export class Killed extends Error {
  readonly call: string;

  constructor(call: string) {
    super(`killed at ${call}`);
    this.call = call;
  }
}

/** Counts outside calls and dies at one of them: before it happened, or after it happened and before its answer came back. */
export class KillPoint {
  calls = 0;
  readonly names: string[] = [];
  readonly at: number;
  readonly when: "before" | "after";
  #dead = false;

  constructor(at: number, when: "before" | "after") {
    this.at = at;
    this.when = when;
  }

  /** True once the process is dead: nothing that it still does reaches the world. */
  get isDead(): boolean {
    return this.#dead;
  }

  async run<T>(name: string, call: () => Promise<T>): Promise<T> {
    if (this.#dead) throw new Killed(name);
    this.calls += 1;
    this.names.push(name);
    if (this.calls !== this.at) return call();
    if (this.when === "before") {
      this.#dead = true;
      throw new Killed(name);
    }
    await call();
    this.#dead = true;
    throw new Killed(name);
  }
}

/** Puts a port under a kill point: each named method counts as one outside call. */
export function mortal<T extends object>(port: T, point: KillPoint, methods: readonly (keyof T & string)[]): T {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      const method = methods.find((one) => one === name);
      if (method === undefined)
        return (...args: readonly unknown[]): unknown => Reflect.apply(member, target, [...args]);
      return (...args: readonly unknown[]) =>
        point.run(method, async (): Promise<unknown> => Reflect.apply(member, target, [...args]));
    },
  });
}
