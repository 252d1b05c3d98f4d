// One line for each command, sorted by file name.
export { distManifestInit } from "./dist-manifest-init.ts";
export { inspect } from "./inspect.ts";
