import type { Json } from "../../kernel/json.ts";
import type { Oid } from "../../kernel/oid.ts";
import type { Jobs } from "../../ports/jobs.ts";
import type { VerifyCheck, Walker } from "./check.ts";
import type { History } from "./history.ts";

/** Commits of a part. */
const SIZE = 512;
/** Parts from which on a helper is worth its start. */
const MANY = 4;
/** Parts that a helper is given at once, so that it never waits for the next. */
const GIVEN = 2;

/** A part of history, for a helper. */
export interface PartJob {
  /** The commit before it. */
  readonly after: Oid;
  /** Oldest first. */
  readonly commits: readonly Oid[];
  /** The time that counts as now, in milliseconds; null where nothing lies in the future. */
  readonly nowMs: number | null;
}

/** What a helper says of a part in which it found nothing. */
export interface PartAnswer {
  /** Commits with files that only its owner can check. */
  readonly noted: readonly Oid[];
  /** What checks gathered, by the name under which they are helped. */
  readonly gathered: Readonly<Record<string, Json>>;
}

/** Walks parts of history elsewhere; null where it found anything at all, which its owner then finds itself. */
export interface Helper extends Jobs<PartJob, PartAnswer | null> {
  /** Names under which it runs checks. */
  readonly helps: ReadonlySet<string>;
}

/** A part that was walked and is right, if everything before it is. */
export interface Part {
  readonly end: Oid;
  readonly noted: ReadonlySet<Oid>;
  readonly gathered: PartAnswer["gathered"];
}

/** A run of a check. */
export interface Begun {
  readonly check: VerifyCheck;
  readonly walker: Walker;
}

/** What an owner of a walk says of it. */
export interface PartsOn {
  readonly history: History;
  readonly nowMs: number | null;
  /** Tells rules that make no answer "no" from the others: behind a warning the helper's word still counts. */
  readonly isWarning: (rule: string) => boolean;
  /** Commits of a part, where another number than usual is meant. */
  readonly size?: number;
}

/** Parts that a helper walks from the newest end of history while its owner walks from the oldest, until they meet. */
export class PartsAhead {
  readonly isWarning: PartsOn["isWarning"];
  /** Commits of a part. */
  readonly size: number;
  readonly #on: PartsOn;
  readonly #helper: Helper;
  readonly #answers = new Map<number, Promise<PartAnswer | null>>();
  /** Where the part begins that is given out next. */
  #next: number;
  #taken = 0;
  #walked = 0;
  #isClosed = false;

  constructor(helper: Helper, on: PartsOn) {
    this.isWarning = on.isWarning;
    this.size = on.size ?? SIZE;
    this.#on = on;
    this.#helper = helper;
    this.#next = Math.floor((on.history.commits.length - 1) / this.size) * this.size;
    for (let i = 0; i < GIVEN; i += 1) this.#give();
  }

  /** Tells whether parts can be passed over by these checks. */
  covers(begun: readonly Begun[]): boolean {
    return begun.every(({ check: { helped, noted }, walker }) => {
      if (helped !== undefined) return this.#helper.helps.has(helped);
      return noted !== undefined || (walker.onFile === undefined && walker.onCommit === undefined);
    });
  }

  /** Commits that the helper has walked and nobody has passed over yet. */
  walked(): number {
    return this.#walked;
  }

  /** Takes the part that begins here; null where its owner is to walk it. */
  async take(at: number): Promise<Part | null> {
    this.#taken = at;
    const answer = (await this.#answers.get(at)) ?? null;
    const some = this.#on.history.commits.slice(at, at + this.size);
    const end = some.at(-1);
    if (this.#answers.delete(at)) this.#walked -= some.length;
    if (answer === null || end === undefined) return null;
    return { end, noted: new Set(answer.noted), gathered: answer.gathered };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#helper.close();
  }

  #give(): void {
    const at = this.#next;
    const { commits } = this.#on.history;
    const after = commits[at - 1];
    if (this.#isClosed || after === undefined || at <= this.#taken) return;
    this.#next = at - this.size;
    const some = commits.slice(at, at + this.size);
    const answer = this.#helper.ask({ after, commits: some, nowMs: this.#on.nowMs }).then((found) => {
      this.#walked += some.length;
      this.#give();
      return found;
    });
    this.#answers.set(at, answer);
  }
}

/** Sets a helper to work on a long history that is whole; null where history is short, or its owner is to look at it alone. */
export function partsAhead(start: () => Helper, on: PartsOn): PartsAhead | null {
  const { commits, missing, told } = on.history;
  const isWhole = missing === null && told.length === 0;
  return isWhole && commits.length >= MANY * (on.size ?? SIZE) ? new PartsAhead(start(), on) : null;
}
