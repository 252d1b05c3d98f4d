// Seals a made history with the product itself, as a person would.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../measure.mjs";
import { cleanEnv, freshFolder, git } from "../repository.mjs";

const program = fileURLToPath(new URL("../../dist/bin/waybill.cjs", import.meta.url));

/** Seals every day that a decision has seen, and packs what came of it. */
export async function sealHistory(path) {
  if (!existsSync(program)) throw new Error("npm run build comes first: a history is sealed by the program itself");
  const home = freshFolder();
  mkdirSync(join(home, "config"));
  writeFileSync(join(home, ".gitconfig"), "[user]\n\tname = Bench\n\temail = bench@waybill.invalid\n");
  const { GIT_CONFIG_GLOBAL: _, ...rest } = cleanEnv;
  const env = { ...rest, HOME: home, XDG_CACHE_HOME: join(home, "cache"), XDG_CONFIG_HOME: join(home, "config") };
  try {
    run(process.execPath, [program, "state", "seal", "--server", path, "--json"], { env });
    // Deltas between segments of half a megabyte take long to find, and nobody asks for two of them.
    git(path, "-c", "pack.window=0", "repack", "-d", "--quiet");
    git(path, "pack-refs", "--all");
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
