// Many writers for many minutes, with kills, stops and faults, and what must hold checked every so often:
// npm run soak -- --minutes 5 [--writers 8] [--seed 1] [--every 20]. Exits with 1 and keeps its folder where something does not hold.
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { broken } from "./soak/invariants.mjs";
import { jobs, WEIGHTS } from "./soak/jobs.mjs";
import { makeFaults } from "./soak/faults.mjs";
import { runProgram } from "./soak/programs.mjs";
import { chanceOf } from "./soak/random.mjs";
import { serve } from "./soak/server.mjs";
import { leftLocks } from "./soak/left-locks.mjs";
import { authorOf, makeWorld, makeWriters } from "./soak/world.mjs";

const DAY_MS = 86_400_000;
/** How far a machine's clock is off, at most; readers allow five minutes. */
const CLOCK_MS = 90_000;
/** Of a hundred commands so many are killed, and so many stopped for a while. */
const KILLED = 12;
const STOPPED = 8;
/** Exits that a command may have when things go wrong around it: 2 is a wrong command line, 70 a bug. */
const FINE = new Set([0, 1, 3, 4]);

const { values: asked } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    writers: { type: "string", default: "8" },
    every: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const [minutes, writers, every, seed] = [asked.minutes, asked.writers, asked.every, asked.seed].map(Number);
const folder = mkdtempSync(join(tmpdir(), "waybill-soak-"));
const say = (text) => process.stderr.write(`${text}\n`);
const began = performance.now();
process.exitCode = await main();

async function main() {
  say(`Soaking ${minutes} minutes with ${writers} writers, seed ${seed}, in ${folder}`);
  const world = await makeWorld(folder);
  const chance = chanceOf(seed);
  const faults = makeFaults(chance, world.repository);
  const server = await serve(folder, world.env, () => faults.misfortune());
  const soak = makeSoak(world, chance);
  soak.writers = await makeWriters(world, server.url, writers, await hasPortable(world));
  say(`Writers: ${soak.writers.map(({ how, driver }) => `${how} ${driver}`).join(", ")}`);
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end && soak.problems.length === 0) {
    await epoch(soak, faults, Math.min(end, performance.now() + every * 1000));
    soak.problems.push(...(await check(soak, performance.now() >= end)));
    // A day goes by, so that there is something to seal.
    soak.clockMs += DAY_MS;
  }
  await server.stop();
  return report(soak, faults);
}

/** Everybody works until a moment, and ends what was begun. */
async function epoch(soak, faults, until) {
  faults.resume();
  const work = async (writer) => {
    while (performance.now() < until && soak.problems.length === 0) {
      const name = soak.chance.weighted(WEIGHTS);
      soak.jobs += 1;
      await jobs[name](soak, writer, `${writer.name}-${soak.jobs}`);
    }
  };
  const progress = setInterval(() => say(progressOf(soak)), 5000);
  await Promise.all(soak.writers.map(work));
  clearInterval(progress);
  await faults.pause();
}

/** Somebody must be able to write, and then everything must hold. */
async function check(soak, isLast) {
  const problems = [];
  soak.settled += 1;
  for (const line of [
    ["dist", "app", "set", "acme", "--name", `Acme ${soak.settled}`],
    ["waybill", "gate", "sync"],
  ]) {
    let done = await runProgram(line, soak.calm());
    const locks = leftLocks(folder);
    if (done.exit !== 0 && locks.length > 0) {
      // As the hint of the error says: what a killed git left is removed by hand.
      for (const path of locks) rmSync(path);
      soak.locks.push(...locks);
      done = await runProgram(line, soak.calm());
    }
    if (done.exit !== 0)
      problems.push(`${line.join(" ")} ended with ${done.exit}: ${JSON.stringify(done.answer?.error ?? done.stderr)}`);
  }
  const left = leftLocks(folder);
  for (const path of left) rmSync(path);
  soak.locks.push(...left);
  problems.push(...(await broken(soak, isLast)));
  say(
    `${progressOf(soak)}, ${soak.commits} commits: ${problems.length === 0 ? "everything holds" : problems.join("; ")}`,
  );
  return problems;
}

function makeSoak(world, chance) {
  const soak = {
    ...{
      world,
      chance,
      folder,
      writers: [],
      versions: [],
      marks: new Set(),
      named: new Set(),
      problems: [],
      locks: [],
    },
    ...{ jobs: 0, runs: 0, clockMs: 0, settled: 0, tip: null, commits: 0, outcomes: {}, fates: {}, times: [] },
    mark: (mark) => soak.marks.add(mark),
    violated: (what) => soak.problems.push(what),
    /** One reader of each way in. */
    readers: () => [...new Map(soak.writers.map((writer) => [`${writer.how} ${writer.driver}`, writer])).values()],
    /** How a command runs that nothing is done to. */
    calm: (env = world.env) => ({ cwd: folder, env: { ...env, ...authorOf("settler") }, clockMs: soak.clockMs }),
    async run(writer, line, marks = []) {
      soak.runs += 1;
      const [name, fate] = [`r${soak.runs}`, fateOf(chance)];
      const clockMs = soak.clockMs + chance.between(-CLOCK_MS, CLOCK_MS);
      const env = { ...writer.env, ...authorOf(name) };
      const done = await runProgram(line, { cwd: folder, env, fate, clockMs });
      remember(soak, { name, writer, line, fate, marks, done });
      return done;
    },
  };
  return soak;
}

function fateOf(chance) {
  const drawn = chance.next() * 100;
  const [afterMs, stopMs] = [chance.between(60, 2000), chance.between(200, 5000)];
  if (drawn < KILLED) return { afterMs, stopMs: 0, kill: chance.of(["alone", "with its children"]) };
  return drawn < KILLED + STOPPED ? { afterMs, stopMs, kill: null } : null;
}

function remember(soak, { name, writer, line, fate, marks, done }) {
  const { exit, killed, hung, answer, stderr, ms } = done;
  const said = { name, by: [writer.name, writer.how, writer.driver], line, fate, exit, killed, ms: Math.round(ms) };
  appendFileSync(join(folder, "runs.jsonl"), `${JSON.stringify({ ...said, answer, stderr })}\n`);
  const outcome = killed ? "killed" : exit === 0 ? "done" : (answer?.error?.code ?? `exit ${exit}`);
  soak.outcomes[outcome] = (soak.outcomes[outcome] ?? 0) + 1;
  if (fate !== null && fate.kill === null) soak.fates.stopped = (soak.fates.stopped ?? 0) + 1;
  if (exit === 0) {
    for (const mark of marks) soak.mark(mark);
    if (/^[0-9a-f]{40}$/.test(answer?.result?.commit) && !/^gate/.test(answer.command))
      soak.named.add(answer.result.commit);
    if (fate === null) soak.times.push(ms);
  }
  if (hung) soak.violated(`${name} hung: ${line.join(" ")}`);
  else if (killed === null && !FINE.has(exit)) soak.violated(`${name} ended with ${exit}: ${line.join(" ")}`);
}

async function hasPortable(world) {
  const { answer } = await runProgram(["waybill", "state", "stats"], {
    cwd: folder,
    env: { ...world.env, WAYBILL_DRIVER: "portable" },
  });
  return answer?.exit === 0;
}

function progressOf(soak) {
  const seconds = Math.round((performance.now() - began) / 1000);
  const done = soak.outcomes.done ?? 0;
  return `${seconds} s: ${soak.runs} commands, ${done} done, ${soak.outcomes.killed ?? 0} killed, ${soak.fates.stopped ?? 0} stopped`;
}

function report(soak, faults) {
  const times = soak.times.toSorted((a, b) => a - b);
  const at = (part) => Math.round(times[Math.floor(times.length * part)] ?? 0);
  const counted = (counts) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ") || "none";
  say(`Outcomes: ${counted(soak.outcomes)}`);
  say(
    `Faults:   ${counted(faults.counts)}, ${soak.fates.stopped ?? 0} stopped, ${soak.locks.length} locks left by killed processes`,
  );
  say(
    `Commits:  ${soak.commits} on waybill/state; ${soak.marks.size + soak.named.size} marks of acknowledged commands found`,
  );
  say(`Commands: half of them within ${at(0.5)} ms, 95 of 100 within ${at(0.95)} ms`);
  const replay = `npm run soak -- --minutes ${minutes} --writers ${writers} --every ${every} --seed ${seed}`;
  if (soak.problems.length === 0) {
    rmSync(folder, { recursive: true, force: true });
    say(`Everything held. The same choices again: ${replay}`);
    return 0;
  }
  for (const problem of soak.problems) say(`BROKEN: ${problem}`);
  say(`Kept: ${folder} (runs.jsonl has every command). The same choices again: ${replay}`);
  return 1;
}
