import { actOf, operationId } from "../kernel/act.ts";
import { base32 } from "../kernel/ids.ts";
import { timestamp } from "../kernel/time.ts";
import type { Acts, Clock, Entropy } from "../ports/clock.ts";

const OPERATION_BYTES = 16;
const REQUEST_BYTES = 8;
const REQUEST_LENGTH = 12;

/** Mints acts: the time is read and the random parts are drawn once, when the act begins. */
export function actsOf(clock: Clock, entropy: Entropy, requestId: string | null): Acts {
  return {
    begin(actor, command) {
      const now = clock.now();
      return actOf({
        operation: operationId(now.getTime(), Buffer.from(entropy.bytes(OPERATION_BYTES)).toString("hex")),
        at: timestamp(now),
        actor,
        requestId: requestId ?? `req_${base32(entropy.bytes(REQUEST_BYTES), REQUEST_LENGTH)}`,
        command,
      });
    },
  };
}
