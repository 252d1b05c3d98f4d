import { byCodePoint } from "../../kernel/text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Git } from "./git-process.ts";
import { type Line, openLine, type QueueSettings } from "./queue/line.ts";
import { openQueue, queueFolder } from "./queue/queue.ts";
import type { Repository } from "./repository.ts";
import type { Queue } from "./store-parts.ts";

/** Variables by which two writers of one user may differ for a remote; settings of ours are among `GIT_CONFIG_*`. */
const CREDENTIALS =
  /^(?:HOME|USERPROFILE|APPDATA|XDG_CONFIG_HOME|GIT_CONFIG_.*|.*(?:AUTH|CRED|KEY|PASS|PROXY|SECRET|TOKEN).*)$/i;

/** What the options of a store say of its queues. */
interface Settings {
  readonly cache?: string;
  readonly clock: Clock;
  readonly queue?: QueueSettings | null;
}

/** Opens the queue of those who push to a remote from one repository with the same credentials; null where there is to be none. */
export function nativeQueue(git: Git, { commonDir }: Repository, url: string, settings: Settings): Queue | null {
  const { cache, clock, queue } = settings;
  if (cache === undefined || queue === null) return null;
  const folder = queueFolder(cache, [url, commonDir, ...asksOf(git)]);
  return openQueue({ ...queue, folder, clock, comers: fetchersLine(git, url, settings) });
}

/** Opens the line of those who fetch into the mirror of an address with the same credentials; null where there is to be none. */
export function fetchersLine(git: Git, url: string, { cache, clock, queue }: Settings): Line | null {
  if (cache === undefined || queue === null) return null;
  return openLine({ ...queue, folder: queueFolder(cache, ["fetch", url, ...asksOf(git)]), clock });
}

function asksOf({ env }: Git): readonly string[] {
  const credentials = Object.keys(env).filter((name) => CREDENTIALS.test(name));
  return credentials.toSorted(byCodePoint).map((name) => `${name}=${env[name]}`);
}
