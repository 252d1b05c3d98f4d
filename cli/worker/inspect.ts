import { parentPort } from "node:worker_threads";
import { serveIntake } from "../../src/platform/intake/serve.ts";

if (parentPort !== null) serveIntake(parentPort);
