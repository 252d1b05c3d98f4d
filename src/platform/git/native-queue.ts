import { byCodePoint } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Git } from "./git-process.ts";
import { openQueue, queueFolder, type QueueSettings } from "./queue/queue.ts";
import type { Repository } from "./repository.ts";
import type { Queue } from "./store-parts.ts";

/** Variables by which two writers of one user may differ for a remote; settings of ours are among `GIT_CONFIG_*`. */
const CREDENTIALS =
  /^(?:HOME|USERPROFILE|APPDATA|XDG_CONFIG_HOME|GIT_CONFIG_.*|.*(?:AUTH|CRED|KEY|PASS|PROXY|SECRET|TOKEN).*)$/i;

/** Opens the queue of those who push to a remote from one repository with the same credentials; null where there is to be none. */
export function nativeQueue(
  { env }: Git,
  { commonDir }: Repository,
  url: string,
  { cache, clock, queue }: { readonly cache?: string; readonly clock: Clock; readonly queue?: QueueSettings | null },
): Queue | null {
  if (cache === undefined || queue === null) return null;
  const credentials = Object.keys(env).filter((name) => CREDENTIALS.test(name));
  const asks = credentials.toSorted(byCodePoint).map((name) => `${name}=${env[name]}`);
  return openQueue({ ...queue, folder: queueFolder(cache, [url, commonDir, ...asks]), clock });
}
