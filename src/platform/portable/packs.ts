import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Oid } from "../../kernel/oid.ts";
import { byCodePoint } from "../../kernel/text.ts";
import { errnoOf, fileError } from "../file-errors.ts";
import { corrupt, missing } from "../git/objects.ts";
import type { Accept } from "./loose-reader.ts";
import { openPackIndex, type PackIndex } from "./pack-index.ts";
import { openPackFile, type Packed, type PackFile, readPacked } from "./pack.ts";

/** Bases that are named by id and made from others that are; git makes such packs only to send them. */
const MAX_NAMED = 64;

interface Pack {
  readonly index: PackIndex;
  readonly pack: PackFile;
}

/** Packs of one folder of objects. Git may replace them at any time; what is open stays readable. */
export class Packs {
  readonly #folder: string;
  readonly #open = new Map<string, Pack>();
  #listed: Promise<void> | null = null;

  constructor(objectsFolder: string) {
    this.#folder = join(objectsFolder, "pack");
  }

  /** Content of an object, not yet compared with its id; null where no pack has it. Looks for new packs before it says so. */
  async read(oid: Oid, accept: Accept): Promise<Packed | null> {
    await (this.#listed ?? this.#listNext());
    const found = this.#readOpen(oid, accept, 0);
    if (found !== null) return found;
    await this.#listNext();
    return this.#readOpen(oid, accept, 0);
  }

  close(): void {
    for (const pack of this.#open.values()) closePack(pack);
    this.#open.clear();
    this.#listed = null;
  }

  #readOpen(oid: Oid, accept: Accept, named: number): Packed | null {
    for (const { index, pack } of this.#open.values()) {
      const offset = index.find(oid);
      if (offset !== undefined) return readPacked(pack, offset, accept, (base) => this.#base(base, named + 1));
    }
    return null;
  }

  #base(oid: Oid, named: number): Packed {
    if (named > MAX_NAMED) throw corrupt(`Object ${oid}`, "its deltas do not end");
    const base = this.#readOpen(oid, () => undefined, named);
    if (base === null) throw missing(oid);
    return base;
  }

  /** One after the other, so that what one has just found is not gone to another that looked before. */
  #listNext(): Promise<void> {
    const before = this.#listed ?? Promise.resolve();
    this.#listed = before.catch(() => undefined).then(() => this.#list());
    return this.#listed;
  }

  /** Opens what is new and closes what is gone. */
  async #list(): Promise<void> {
    const names = (await namesIn(this.#folder)).filter((name) => name.endsWith(".idx"));
    for (const [name, pack] of this.#open) {
      if (names.includes(name)) continue;
      closePack(pack);
      this.#open.delete(name);
    }
    for (const name of names.filter((one) => !this.#open.has(one)).toSorted(byCodePoint)) this.#add(name);
  }

  #add(name: string): void {
    const index = openPackIndex(join(this.#folder, name));
    const pack = index === null ? null : openPackFile(join(this.#folder, name.replace(/idx$/, "pack")));
    if (index === null || pack === null) index?.close();
    else this.#open.set(name, { index, pack });
  }
}

function closePack({ index, pack }: Pack): void {
  index.close();
  pack.file.close();
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes(errnoOf(cause))) return [];
    throw fileError(cause, folder);
  }
}
