import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../../kernel/errors.ts";
import { isOid, type Oid } from "../../kernel/oid.ts";
import type { Log } from "../../ports/log.ts";
import type { Orders } from "./absent-objects.ts";
import { absentIn, absentOf, fetchObjects } from "./fetch-objects.ts";
import { fetchInLine } from "./fetch-in-line.ts";
import { removeLeftovers, runFetch, WHOLE_ANSWER } from "./fetch.ts";
import { isThere } from "./file-ops.ts";
import type { GitResult } from "./git-process.ts";
import {
  adoptPacks,
  ALL_BLOBS,
  ALL_BRANCHES,
  ALL_HISTORY,
  allRefs,
  exchange,
  folderAt,
  gitThatFetches,
  makeAside,
  makeEmpty,
  type MirrorPlace,
  NO_BLOBS,
  otherRefs,
  putInPlace,
  REMOTE,
  stateRefs,
  TRACKING,
} from "./mirror-making.ts";
import { tidyMirror } from "./mirror-upkeep.ts";
import { parentsOfCuts, withCutsHeld } from "./shallow.ts";
import { readRef } from "./ref-files.ts";
import { remoteError } from "./remote-errors.ts";
import { findRepository, type Repository } from "./repository.ts";

/** Commits by which the history of facts is deepened, the first time, the second, and then by all that there are. */
const DEEPER = ["--deepen=64", "--deepen=4096", "--depth=1000000000"] as const;
/** What git says of a repository that is damaged here, and not on the other side. */
const DAMAGED =
  /bad object|corrupt|does not match index|index file|inflate|unable to (?:read|unpack|parse)|could not (?:read|parse)|did not send all|unresolved delta|bad ref|broken ref|invalid (?:object|sha1 pointer)|bad config|bad shallow|not a git repository|revision walk setup failed|object file .* is empty|pack .*(?:far too short|signature)|early EOF|premature end/i;

/** A bare mirror of an address: a cache that holds all decisions, and of facts what was needed so far. What is damaged in it is fetched anew. */
export class Mirror {
  readonly repository: Repository;
  readonly #place: MirrorPlace;
  readonly #log: Log | undefined;
  /** The folder as it was opened: another process may put a new one in its place. */
  readonly #folder: bigint | null;
  #isFresh: boolean;
  #isHealed = false;
  #deepened = 0;
  #hasAll = false;
  #others: Promise<void> | null = null;
  readonly #refused = new Set<Oid>();

  private constructor(
    place: MirrorPlace,
    repository: Repository,
    { isFresh, folder }: { readonly isFresh: boolean; readonly folder: bigint | null },
    log: Log | undefined,
  ) {
    this.#place = place;
    this.repository = repository;
    this.#isFresh = isFresh;
    this.#folder = folder;
    this.#log = log;
  }

  /** Opens the mirror of an address, made on first use; one that is no repository any more is made anew. */
  static async open(place: MirrorPlace, offline: boolean, log?: Log): Promise<Mirror> {
    const { git, path } = place;
    let isFresh = false;
    if (!(await isThere(path)))
      isFresh = (await putInPlace(await (offline ? makeEmpty(place) : makeAside(place, "facts")), path)) && !offline;
    const folder = await folderAt(path);
    try {
      return new Mirror(place, await findRepository(git, path), { isFresh, folder }, log);
    } catch (error) {
      if (offline || !(error instanceof ToolError) || error.code === "state.repository.unsafe") throw error;
      log?.detail("The mirror of the remote is damaged and made anew");
      // Others may have it open, and count on what was there.
      const aside = await makeAside(place, (await isThere(join(path, ALL_BRANCHES))) ? "branches" : "facts");
      isFresh = await exchange(place, aside, { folder, object: null });
      const made = await folderAt(path);
      return new Mirror(place, await findRepository(git, path), { isFresh, folder: made }, log);
    }
  }

  /** Fetches what is new on the branches that were fetched before. */
  async fetch(): Promise<void> {
    if (this.#isFresh) {
      this.#isFresh = false;
      return;
    }
    try {
      await this.#fetchNew();
    } catch (error) {
      const isDamaged = error instanceof ToolError && error.code === "state.object.corrupt";
      if (!isDamaged || !(await this.heal())) throw error;
    }
  }

  /** Makes sure that a branch was fetched: at first contact only facts are, since many operations need nothing else. */
  async need(branch: string): Promise<void> {
    if (branch === `${this.#place.prefix}state` || (await this.#hasAllBranches())) return;
    this.#others ??= this.#fetchOthers().finally(() => {
      this.#others = null;
    });
    await this.#others;
  }

  /** Fetches objects that are not here: commits before a cut by deepening, all else by id, in one fetch. */
  async supply(orders: Orders): Promise<void> {
    const wanted = [...orders];
    const commits = wanted.filter(([, kind]) => kind === "commit").map(([oid]) => oid);
    const before = commits.length === 0 ? new Set() : await parentsOfCuts(this.#place.git, this.repository);
    if (commits.some((oid) => before.has(oid))) await this.#deepen(this.#deepened);
    const others = commits.filter((oid) => !before.has(oid));
    if (others.length > 0) await this.#fetchObjects(others, ["--depth=1", NO_BLOBS]);
    const rest = wanted.filter(([, kind]) => kind !== "commit").map(([oid]) => oid);
    if (rest.length > 0) await this.#fetchTogether(rest);
  }

  /** Ids of those that are not here. */
  absentOf(oids: readonly Oid[]): Promise<readonly Oid[]> {
    return absentOf(this.#place.git, this.#place.path, oids);
  }

  /** Fetches all history of facts, without documents. */
  async fetchHistory(): Promise<void> {
    if (await this.#has("shallow")) await this.#deepen(DEEPER.length - 1);
  }

  /** Fetches all history of all branches with all documents, in one go. */
  async fetchAll(): Promise<void> {
    const { path, git, clock } = this.#place;
    if (await this.#has(ALL_HISTORY)) return;
    this.#log?.detail("All history is fetched");
    await adoptPacks(await makeAside(this.#place, "everything", this.repository.algorithm), path);
    await withCutsHeld(path, clock, async () => {
      // What was fetched is no less than what any cut hides.
      const hidden = [...(await parentsOfCuts(git, this.repository))].filter(isOid);
      if ((await absentOf(git, path, hidden)).length === 0) await rm(join(path, "shallow"), { force: true });
    });
    await Promise.all([ALL_BRANCHES, ALL_HISTORY].map((mark) => writeFile(join(path, mark), "")));
    await removeLeftovers(path, clock.now());
  }

  /** Makes the mirror anew, once for each that is opened; false where that was tried before, or the remote does not have the object. */
  async heal(damaged: Oid | null = null, atLeast: "facts" | "branches" = "facts"): Promise<boolean> {
    if (this.#isHealed || (damaged !== null && this.#refused.has(damaged))) return false;
    this.#isHealed = true;
    this.#log?.detail("The mirror of the remote is damaged and made anew");
    const extent = (await this.#hasAllBranches()) ? "branches" : atLeast;
    const aside = await makeAside(this.#place, extent, this.repository.algorithm);
    const isMade = await exchange(this.#place, aside, { folder: this.#folder, object: damaged });
    this.#deepened = 0;
    // What another has made may be older than what this one has seen.
    if (!isMade) await this.#fetchNew();
    return true;
  }

  /** What to say of an object that the remote did not give. */
  notHad(error: ToolError, oid: Oid): ToolError {
    return new ToolError(error.code, `The remote does not hand out the object ${oid}`, {
      data: { object: oid },
      hints: ["Run git fsck in the remote repository, and waybill state verify"],
      cause: error,
    });
  }

  /** Puts what gathered into packs, where there is enough of it. Never fails: it is done by whoever comes next. */
  async tidy(): Promise<void> {
    await tidyMirror(this.#place).catch(() => {});
  }

  async #fetchOthers(): Promise<void> {
    const { prefix, path } = this.#place;
    const { status, stderr } = await this.#run({ settings: WHOLE_ANSWER, args: [ALL_BLOBS], refs: otherRefs(prefix) });
    if (status !== 0 && !(await this.#healed(stderr, "branches"))) throw this.#failure(stderr);
    await writeFile(join(path, ALL_BRANCHES), "");
    this.#hasAll = true;
  }

  async #fetchNew(): Promise<void> {
    const { prefix } = this.#place;
    const before = await this.#decisions();
    const hasAll = await this.#hasAllBranches();
    const isWhole = await this.#has(ALL_HISTORY);
    const isFirst = (await readRef(this.repository, `${TRACKING}${prefix}state`)) === null;
    const steps = [
      ...(isFirst ? [{ args: ["--depth=1", NO_BLOBS], refs: stateRefs(prefix) }] : []),
      ...(isFirst && !hasAll
        ? []
        : [{ args: ["--prune", isWhole ? ALL_BLOBS : NO_BLOBS], refs: hasAll ? allRefs(prefix) : stateRefs(prefix) }]),
    ];
    for (const step of steps) {
      const { status, stderr } = await this.#run(step);
      if (status !== 0 && !(await this.#healed(stderr))) throw this.#failure(stderr);
    }
    const after = await this.#decisions();
    // Decisions are held whole: documents that came with new ones are fetched at once, and not each when it is read.
    if (hasAll && !isWhole && after !== null && after !== before) await this.#fetchDocuments(before, after);
  }

  async #deepen(step: number): Promise<void> {
    const { prefix } = this.#place;
    const tip = await readRef(this.repository, `${TRACKING}${prefix}state`);
    const how = DEEPER[Math.min(step, DEEPER.length - 1)] ?? "--depth=1000000000";
    this.#deepened = step + 1;
    if (tip === null) return;
    this.#log?.detail(`History of facts is fetched: ${how}`);
    const { status, stderr } = await this.#run({ args: [how, NO_BLOBS], refs: [tip] });
    if (status !== 0 && !(await this.#healed(stderr))) throw this.#failure(stderr);
  }

  async #fetchDocuments(before: Oid | null, after: Oid): Promise<void> {
    const { git, path } = this.#place;
    const range = before === null ? [after] : [after, `^${before}`];
    const absent = await absentIn(git, path, range);
    if (absent.length > 0) await this.#fetchTogether(absent);
  }

  /** Fetches with what other processes want of the same mirror just now: jobs that start together want the same documents. */
  async #fetchTogether(oids: readonly Oid[]): Promise<void> {
    const { line } = this.#place;
    const fetch = async (all: readonly Oid[]): Promise<boolean> => {
      await this.#fetchObjects(all, [NO_BLOBS]);
      return !all.some((oid) => this.#refused.has(oid));
    };
    const isHere = line !== null && (await fetchInLine(line, oids, { absentOf: (all) => this.absentOf(all), fetch }));
    if (!isHere) await this.#fetchObjects(oids, [NO_BLOBS]);
  }

  async #fetchObjects(oids: readonly Oid[], args: readonly string[]): Promise<void> {
    const refuse = (oid: Oid) => void this.#refused.add(oid);
    const stderr = await fetchObjects(this.#from(), oids, args, refuse);
    if (stderr === null) return;
    // A server of an older protocol gives branches only.
    if (/unadvertised object/.test(stderr)) return this.fetchAll();
    if (!(await this.#healed(stderr))) throw this.#failure(stderr);
    const again = await fetchObjects(this.#from(), oids, args, refuse);
    if (again !== null) throw this.#failure(again);
  }

  async #run(how: Parameters<typeof runFetch>[1]): Promise<GitResult> {
    const result = await runFetch(this.#from(), how);
    if (/File exists/.test(result.stderr)) await removeLeftovers(this.#place.path, this.#place.clock.now());
    if (/filtering not recognized/.test(result.stderr))
      this.#log?.detail("The server does not leave out documents, so all of the newest commit are fetched");
    return result;
  }

  #from() {
    const { git, url, path, clock } = this.#place;
    return { git: gitThatFetches(git, url), gitDir: path, name: REMOTE, clock };
  }

  /** Tells whether a failure was damage in the mirror that is made good now. */
  async #healed(stderr: string, atLeast: "facts" | "branches" = "facts"): Promise<boolean> {
    return DAMAGED.test(stderr.replaceAll(/.*remote side.*/g, "")) && (await this.heal(null, atLeast));
  }

  #failure(stderr: string): ToolError {
    return remoteError(this.#place.url, stderr, "Fetching the branches of Waybill");
  }

  #decisions(): Promise<Oid | null> {
    return readRef(this.repository, `${TRACKING}${this.#place.prefix}decisions`);
  }

  async #hasAllBranches(): Promise<boolean> {
    this.#hasAll ||= await this.#has(ALL_BRANCHES);
    return this.#hasAll;
  }

  #has(name: string): Promise<boolean> {
    return isThere(join(this.#place.path, name));
  }
}
