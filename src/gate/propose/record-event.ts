import type { Act } from "../../kernel/act.ts";
import { orThrow } from "../../kernel/errors.ts";
import type { Event } from "../../state/plan.ts";
import { transact } from "../../state/transact.ts";
import type { GateGround } from "../ground.ts";

/** Records an event that changes no document. One whose id and time are derived from its cause is recorded once, however often this is asked. */
export async function recordEvent(ground: GateGround, act: Act, event: Event): Promise<void> {
  const done = await transact(
    ground,
    act,
    () => Promise.resolve(null),
    () => ({ writes: [], events: [event], result: null }),
  );
  orThrow(done);
}
