import { execFileSync } from "node:child_process";

/** Builds `dist/` once before the end-to-end tests; a fresh build is left as it is. */
export default function setup(): void {
  execFileSync(process.execPath, ["tools/build.mjs"], { stdio: ["ignore", 2, 2] });
}
