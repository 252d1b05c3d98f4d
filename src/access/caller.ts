import type { Actor } from "../kernel/act.ts";
import type { Scope } from "../schema/types.gen.ts";

/** Who knocks at a door: the token that was given, and who acts where there is none. */
export interface Caller {
  /** Raw text; undefined where none was given. */
  readonly token: string | undefined;
  /** Actor without a token: the CI run or the git identity, self-declared. */
  readonly actor: Actor;
}

/** What a use case needs of its caller: a scope, and the app and channel that it touches. */
export interface Need {
  readonly scope: Scope;
  readonly app?: string;
  readonly channel?: string;
}
