import { join } from "node:path";
import { env } from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openNativeStore } from "../../src/platform/git/native-store.ts";
import { git, makeFolder } from "../support/git-repo.ts";
import { type Interception, serveGit } from "../support/http-git-server.ts";
import { testEnv } from "../support/native-under-test.ts";
import { BRANCH, changeOf, commitOf, soon } from "../support/store-under-test.ts";
import { startWriter, type Writer, type WriterPlan } from "../support/store-writers.ts";

/** The whole size takes minutes: WAYBILL_TEST_FULL=1. */
const [WRITERS, OPERATIONS] = env["WAYBILL_TEST_FULL"] === "1" ? [16, 50] : [8, 6];
const TIMEOUT_MS = 900_000;
const SHARED = 4;
/** Drivers by way, one writer after the other; the portable one knows no `file://`. */
const MIXED = ["native", "portable"] as const;
const NATIVE = ["native"] as const;
const isPush = (url: string | undefined): boolean => url?.endsWith("/git-receive-pack") === true;

describe("many processes that write one branch", { timeout: TIMEOUT_MS }, () => {
  let folder: ReturnType<typeof makeFolder>;
  let truth: string;
  beforeEach(async () => {
    folder = makeFolder();
    truth = join(folder.path, "truth.git");
    git(folder.path, ["init", "-q", "--bare", truth]);
    git(truth, ["config", "http.receivepack", "true"]);
    git(truth, ["config", "uploadpack.allowFilter", "true"]);
    git(truth, ["config", "core.logAllRefUpdates", "always"]);
    const store = await openNativeStore({ location: truth, env: testEnv(folder.path) });
    await store.apply(BRANCH, changeOf("root", { "shared/counter": "0" }), soon());
    await store.close();
  });
  afterEach(() => folder.remove(), TIMEOUT_MS);

  const planOf = (location: string, drivers: readonly WriterPlan["driver"][], i: number): WriterPlan => ({
    driver: drivers[i % drivers.length] ?? "native",
    location,
    home: folder.path,
    name: `w${i}`,
    operations: OPERATIONS,
    shared: SHARED,
  });
  /** Every third writer is killed with SIGKILL at some moment after one of its operations. */
  const race = async (location: string, drivers: readonly WriterPlan["driver"][]): Promise<readonly Writer[]> => {
    const writers = Array.from({ length: WRITERS }, (_, i) => {
      const lastSeen = i % 3 === 1 ? Math.floor(Math.random() * (OPERATIONS - 1)) + 1 : Number.NaN;
      return startWriter(planOf(location, drivers, i), (count, child) => {
        if (count === lastSeen) setTimeout(() => child.kill("SIGKILL"), Math.random() * 150);
      });
    });
    await Promise.all(writers.map(({ ended }) => ended));
    return writers;
  };
  const tipNow = (): string => git(truth, ["rev-parse", `refs/heads/${BRANCH}`]);
  const log = (format: string, tip = tipNow()): readonly string[] =>
    git(truth, ["log", "--reverse", `--format=${format}`, tip]).split("\n");
  /** Commit by operation. */
  const landedCommits = (tip = tipNow()): ReadonlyMap<string, string> =>
    new Map(
      log("%(trailers:key=Waybill-Operation,valueonly,separator=%x2C) %H", tip).map((line) => {
        const [operation = "", commit = ""] = line.split(" ");
        return [operation, commit] as const;
      }),
    );
  /** What plain git sees at one tip, held against what the writers were told: the push of a killed leader may land meanwhile. */
  const verdictOf = (writers: readonly Writer[]) => {
    const tip = tipNow();
    const landed = landedCommits(tip);
    const started = new Set(["op_root", ...writers.flatMap((writer) => [...writer.started])]);
    const acknowledged = writers.flatMap((writer) => [...writer.acknowledged]);
    const alive = writers.filter(({ child }) => child.signalCode === null);
    const seqs = log("%(trailers:key=Waybill-Seq,valueonly,separator=%x2C)", tip).map(Number);
    const counting = [...landed.keys()].filter((operation) => Number(/_([0-9]+)$/.exec(operation)?.[1]) % SHARED === 0);
    return {
      landedTwice: seqs.length - landed.size,
      lost: acknowledged.filter(([operation, commit]) => landed.get(operation) !== commit),
      unfinished: alive.filter((writer) => writer.acknowledged.size !== OPERATIONS).length,
      fromNowhere: [...landed.keys()].filter((operation) => !started.has(operation)),
      gaps: seqs.filter((seq, i) => seq !== i + 1),
      filesMissing: landed.size - 1 - git(truth, ["ls-tree", "-r", "--name-only", tip, "own/"]).split("\n").length,
      miscounted: counting.length - Number(git(truth, ["show", `${tip}:shared/counter`])),
      merges: git(truth, ["rev-list", "--count", "--min-parents=2", tip]),
      fsck: git(truth, ["fsck", "--strict", "--no-dangling"]),
    };
  };
  const sound = {
    landedTwice: 0,
    lost: [],
    unfinished: 0,
    fromNowhere: [],
    gaps: [],
    filesMissing: 0,
    miscounted: 0,
    merges: "0",
    fsck: "",
  };
  const moves = (): number => git(truth, ["reflog", "show", `refs/heads/${BRANCH}`]).split("\n").length - 1;

  it("land each acknowledged operation once in a repository on disk, whoever is killed", async () => {
    expect(verdictOf(await race(truth, MIXED))).toEqual(sound);
  });

  it("land each acknowledged operation once at a remote by path, whoever is killed, with fewer pushes than operations", async () => {
    expect(verdictOf(await race(`file://${truth}`, NATIVE))).toEqual(sound);
    expect(moves()).toBeLessThan(log("%H").length - 1);
  });

  it("land each acknowledged operation once over smart HTTP, whoever is killed, with fewer pushes than operations", async () => {
    const server = await serveGit(folder.path);
    expect(verdictOf(await race(`${server.url}/truth.git`, MIXED))).toEqual(sound);
    await server.stop();
    expect(moves()).toBeLessThan(log("%H").length - 1);
  });

  it.each(["lands", "fails late", "is lost"] as const)(
    "replace a leader that is stopped, whose push %s, and tell it the truth when it wakes",
    async (fate) => {
      let intercept: Interception = () => undefined;
      const server = await serveGit(folder.path, (request, response) => intercept(request, response));
      const location = `${server.url}/truth.git`;
      const writer = startWriter({ ...planOf(location, NATIVE, 0), operations: 1, shared: 1 });
      const answers: (() => void)[] = [];
      const stopped = new Promise<void>((resolve) => {
        intercept = ({ url }, response) => {
          if (!isPush(url)) return undefined;
          intercept = () => undefined;
          writer.child.kill("SIGSTOP");
          resolve();
          if (fate === "lands") return undefined;
          // The server holds this push until somebody else was there, or never gets it.
          if (fate === "is lost") response.destroy();
          else answers.push(() => response.writeHead(500).end());
          return "handled";
        };
      });
      await stopped;
      const other = await openNativeStore({
        location,
        env: testEnv(folder.path),
        cache: join(folder.path, "cache"),
        queue: { leaseMs: 300 },
      });
      const commit = commitOf(await other.apply(BRANCH, changeOf("other", { x: "1" }), soon()));
      await other.close();
      expect(writer.child.signalCode).toBeNull();
      expect(log("%H").at(-1)).toBe(commit);
      for (const answer of answers) answer();
      writer.child.kill("SIGCONT");
      await writer.ended;
      await server.stop();
      expect([...writer.acknowledged]).toEqual([["op_w0_0", landedCommits().get("op_w0_0")]]);
      expect(log("%H").length).toBe(3);
    },
  );
});
