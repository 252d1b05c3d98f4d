import { ToolError } from "../../kernel/errors.ts";
import { type Oid, shortOid } from "../../kernel/oid.ts";
import { STATE } from "../branches.ts";
import type { Report, Violation } from "./check.ts";
import type { Pair } from "./visit.ts";

/** The commit that history could not be followed beyond, and why; null where everything was there. */
export type Missing = { readonly commit: Oid; readonly message: string } | null;

/** Tells what a walk finds, and knows whether anything of it was more than a warning. */
export class Teller {
  readonly #report: Report;
  readonly #isWarning: (rule: string) => boolean;
  #isRight = true;
  #missing: Missing = null;
  #held: Violation[] | null = null;

  constructor(report: Report, isWarning: (rule: string) => boolean = () => false) {
    this.#report = report;
    this.#isWarning = isWarning;
  }

  get isRight(): boolean {
    return this.#isRight;
  }

  /** What the walk lacked first. */
  get missing(): Missing {
    return this.#missing;
  }

  readonly report: Report = (violation) => {
    this.#isRight &&= this.#isWarning(violation.rule);
    if (this.#held === null) this.#report(violation);
    else this.#held.push(violation);
  };

  /** Turns what cannot be read into a violation, and what is not here into what is missing. */
  async guard(commit: Oid, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      if (!(cause instanceof ToolError)) throw cause;
      const { code, message, data } = cause;
      if (code === "state.object.missing") {
        this.#missing ??= { commit, message };
        return;
      }
      const rule = ruleOf[code];
      if (rule === undefined) throw cause;
      const next = `the other commits were checked; look at ${shortOid(commit)} with git show`;
      this.report({ rule, branch: STATE, commit, path: null, message, data, next });
    }
  }

  /** Runs checks one after the other, and tells what they find in the order of the commits, as if each had been shown to all of them. */
  async inOrder<R>(pairs: readonly Pair[], work: () => Promise<R>): Promise<R> {
    const held: Violation[] = [];
    this.#held = held;
    const done = await work();
    this.#held = null;
    const places = new Map<Oid | null, number>(pairs.map(([, commit], i) => [commit, i]));
    const placeOf = ({ commit }: Violation) => places.get(commit) ?? -1;
    for (const violation of held.toSorted((a, b) => placeOf(a) - placeOf(b))) this.#report(violation);
    return done;
  }
}

/** Rules about what any reader can take. */
const ruleOf: Readonly<Record<string, string>> = {
  "state.limit.exceeded": "tree.bounded",
  "state.object.corrupt": "object.intact",
};
