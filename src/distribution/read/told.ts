import type { Reason } from "../../kernel/errors.ts";

/** An answer, and what every reader of decisions says besides. */
export interface Told<R> {
  readonly result: R;
  readonly warnings: readonly Reason[];
}
