import { open, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeLeftovers } from "./fetch.ts";
import { runGit } from "./git-process.ts";
import type { MirrorPlace } from "./mirror-making.ts";

/** Loose objects of one fan-out folder from which on they are packed: about 2,000 in all, those of 120 operations. */
const LOOSE = 8;
/** Fan-out folder that is looked at; ids are spread evenly, as git itself takes it. */
const SAMPLE = "17";
/** Packs from which on the small ones are joined; a lookup asks each. */
const PACKS = 40;
/** A lock that is older belongs to nobody. */
const STALE_MS = 900_000;

interface Pack {
  readonly name: string;
  readonly sizeBytes: number;
}

/**
 * Packs what gathered in a mirror, where there is enough of it: loose objects, and packs that are small against all before them, so
 * that an object is packed again only as often as the number of packs doubles. Nothing is walked and nothing unreachable is
 * dropped, so what another process is about to push stays. A kill leaves objects twice, or files that go later.
 */
export async function tidyMirror({ git, path, clock }: MirrorPlace): Promise<void> {
  const folder = join(path, "objects");
  const [loose, packs] = await Promise.all([readdir(join(folder, SAMPLE)).catch(() => []), packsOf(folder)]);
  if (loose.length < LOOSE && packs.length < PACKS) return;
  const lock = join(path, "waybill-tidying.lock");
  if (!(await take(lock, clock.now()))) return;
  try {
    await packTogether();
  } finally {
    await rm(lock, { force: true });
  }

  async function packTogether(): Promise<void> {
    const small = packs.length < PACKS ? [] : smallOnes(packs);
    const input = small.map(({ name }) => `${name}\n`).join("");
    const asked = ["pack-objects", "--stdin-packs", "--unpacked", "--delta-base-offset", "--quiet", "--threads=1"];
    const packed = await runGit(git, path, [...asked, join(folder, "pack", "pack")], "reader", input);
    if (packed.status !== 0) return;
    const made = packed.stdout.toString("latin1").trim().split("\n");
    // Whatever lies in a mirror lies on the remote too, or is about to; so it counts as promised.
    await Promise.all(made.map((id) => writeFile(join(folder, "pack", `pack-${id}.promisor`), "")));
    await runGit(git, path, ["prune-packed", "--quiet"]);
    for (const { name } of small) if (!made.includes(name.slice(5, -5))) await removePack(folder, name.slice(0, -5));
    await removeLeftovers(path, clock.now());
  }
}

async function packsOf(folder: string): Promise<readonly Pack[]> {
  const names = await readdir(join(folder, "pack")).catch(() => []);
  const packs = names.filter((name) => name.endsWith(".pack"));
  const sizes = await Promise.all(
    packs.map((name) =>
      stat(join(folder, "pack", name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return packs.map((name, i) => ({ name, sizeBytes: sizes[i] ?? 0 })).toSorted((a, b) => a.sizeBytes - b.sizeBytes);
}

/** The packs that are no larger than all smaller ones together, so that joining them at least halves what they cost. */
function smallOnes(packs: readonly Pack[]): readonly Pack[] {
  let [sum, count] = [0, 0];
  for (const [i, { sizeBytes }] of packs.entries()) {
    if (sizeBytes <= sum) count = i + 1;
    sum += sizeBytes;
  }
  return packs.slice(0, count);
}

/** Removes a pack, the index first: git then no longer looks into it. */
async function removePack(folder: string, name: string): Promise<void> {
  for (const end of ["idx", "rev", "promisor", "pack"])
    await rm(join(folder, "pack", `${name}.${end}`), { force: true }).catch(() => {});
}

async function take(lock: string, now: Date): Promise<boolean> {
  const found = await stat(lock).catch(() => null);
  if (found !== null && now.getTime() - found.mtimeMs > STALE_MS) await rm(lock, { force: true });
  try {
    await (await open(lock, "wx")).close();
    return true;
  } catch {
    return false;
  }
}
