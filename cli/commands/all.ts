// One line for each command, sorted by file name.
export { distManifestInit } from "./dist-manifest-init.ts";
export { inspect } from "./inspect.ts";
export { snapshotBuild } from "./snapshot-build.ts";
export { snapshotPublish } from "./snapshot-publish.ts";
export { sql } from "./sql.ts";
export { stateStats } from "./state-stats.ts";
export { stateVerify } from "./state-verify.ts";
