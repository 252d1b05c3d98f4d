import { parentPort } from "node:worker_threads";
import { openNativeStore } from "../../src/platform/git/native-store.ts";
import type { Answer } from "../../src/platform/thread-jobs.ts";
import { loadSchemas } from "../../src/schema/documents.ts";
import { type PartGround, walkPart } from "../../src/state/verify/part.ts";
import type { PartAnswer } from "../../src/state/verify/parts-ahead.ts";
import { documentKinds } from "../compose/kinds.ts";
import { helpedChecks, isNoted } from "../verify-helped.ts";
import type { HelperAt, HelperJob } from "./start-verify.ts";

let ground: Promise<PartGround["ground"]> | undefined;
let last: Promise<unknown> = Promise.resolve();

parentPort?.on("message", (job: HelperJob) => {
  // One after the other; what fails in any way is left to who asked.
  last = last.then(() => walk(job)).then(say, () => say(null));
});

async function walk({ at, ...job }: HelperJob): Promise<PartAnswer | null> {
  ground ??= open(at);
  return walkPart({ ground: await ground, checks: helpedChecks, isNoted }, job);
}

async function open({ location, env, cache }: HelperAt): Promise<PartGround["ground"]> {
  const store = await openNativeStore({ location, env: new Map(env), cache, offline: true });
  return { store, kinds: documentKinds, schemas: loadSchemas() };
}

function say(answer: PartAnswer | null): void {
  parentPort?.postMessage({ answer } satisfies Answer<PartAnswer>);
}
