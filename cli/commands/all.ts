// One line for each command, sorted by file name.
export { distManifestInit } from "./dist-manifest-init.ts";
export { gateAllowedSigners } from "./gate-allowed-signers.ts";
export { gateApprove } from "./gate-approve.ts";
export { gateList } from "./gate-list.ts";
export { gateMerge } from "./gate-merge.ts";
export { gateReject } from "./gate-reject.ts";
export { gateShow } from "./gate-show.ts";
export { gateSync } from "./gate-sync.ts";
export { init } from "./init.ts";
export { inspect } from "./inspect.ts";
export { keysList } from "./keys-list.ts";
export { keysNew } from "./keys-new.ts";
export { snapshotBuild } from "./snapshot-build.ts";
export { snapshotPublish } from "./snapshot-publish.ts";
export { sql } from "./sql.ts";
export { stateStats } from "./state-stats.ts";
export { stateVerify } from "./state-verify.ts";
