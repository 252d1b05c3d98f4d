// What must hold whenever nobody writes, found by plain git and by the program's own proof.
import { marksOf } from "./jobs.mjs";
import { git, runProgram } from "./programs.mjs";

/** Everything that does not hold, as sentences. */
export async function broken(soak, isLast) {
  const { repository, env } = soak.world;
  const run = (...argv) => git(repository, env, ...argv);
  const problems = [...(await notLinear(run, soak)), ...(await notSound(run))];
  const events = await eventsAt(run);
  problems.push(...notOnce(events, soak.marks));
  problems.push(...(await notProven(soak, isLast)));
  for (const reader of soak.readers()) problems.push(...(await notAlike(soak, reader, events.length)));
  return problems;
}

async function notLinear(run, soak) {
  const log = await run(
    "log",
    "--reverse",
    "--format=%H %P|%(trailers:key=Waybill-Seq,valueonly,separator=%x2C)|%(trailers:key=Waybill-Operation,valueonly,separator=%x2C)",
    "waybill/state",
  );
  const commits = log
    .trimEnd()
    .split("\n")
    .map((line) => line.split("|"));
  const problems = [];
  const operations = new Map();
  for (const [i, [oids, seq, operation]] of commits.entries()) {
    const [oid, ...parents] = oids.trim().split(" ");
    if (parents.length !== (i === 0 ? 0 : 1)) problems.push(`${oid} has ${parents.length} parents`);
    if (Number(seq) !== i + 1) problems.push(`${oid} is number ${seq} in the place of ${i + 1}`);
    if (operations.has(operation))
      problems.push(`the operation ${operation} is in ${operations.get(operation)} and in ${oid}`);
    operations.set(operation, oid);
  }
  const oids = new Set(commits.map(([found]) => found.split(" ")[0]));
  if (soak.tip !== null && !oids.has(soak.tip))
    problems.push(`the branch went back: ${soak.tip} is not on it any more`);
  for (const named of soak.named)
    if (!oids.has(named)) problems.push(`the commit ${named} was acknowledged and is not there`);
  soak.tip = commits.at(-1)[0].split(" ")[0];
  soak.commits = commits.length;
  return problems;
}

async function notSound(run) {
  try {
    await run("fsck", "--strict", "--no-dangling", "--no-progress");
    return [];
  } catch (error) {
    return [`git fsck --strict: ${error.message}`];
  }
}

/** All audit events at the tip, in files and in segments. */
async function eventsAt(run) {
  const listed = (await run("ls-tree", "-r", "--format=%(objectname) %(path)", "waybill/state", "audit")).trimEnd();
  const paths = listed.split("\n").map((line) => line.slice(line.indexOf(" ") + 1));
  const events = [];
  for (let i = 0; i < paths.length; i += 500) {
    for (const path of paths.slice(i, i + 500).filter((one) => one.endsWith(".ndjson")))
      for (const line of (await run("show", `waybill/state:${path}`)).trimEnd().split("\n"))
        events.push(JSON.parse(line));
  }
  const files = paths.filter((path) => path.endsWith(".json"));
  for (let i = 0; i < files.length; i += 200) {
    const text = await run("show", ...files.slice(i, i + 200).map((path) => `waybill/state:${path}`));
    for (const one of text.split("\n}\n").slice(0, -1)) events.push(JSON.parse(`${one}\n}`));
  }
  return events;
}

/** Marks that are there twice, or not although the command that made them said so. */
function notOnce(events, marks) {
  const counts = new Map();
  for (const mark of events.flatMap(marksOf)) counts.set(mark, (counts.get(mark) ?? 0) + 1);
  const twice = [...counts].filter(([, count]) => count > 1).map(([mark, count]) => `${mark} is there ${count} times`);
  const lost = [...marks]
    .filter((mark) => !counts.has(mark))
    .map((mark) => `${mark} was acknowledged and is not there`);
  const ids = events.map(({ id }) => id);
  const same = ids.length === new Set(ids).size ? [] : ["two events have one id"];
  return [...twice, ...lost, ...same];
}

/** The program's own proof, which also compares the snapshot with one that is built anew. */
async function notProven(soak, isLast) {
  const line = ["waybill", "state", "verify", ...(isLast ? ["--full", "--artifacts"] : [])];
  const { exit, answer, stderr } = await runProgram(line, soak.calm());
  return exit === 0 ? [] : [`${line.join(" ")} ended with ${exit}: ${JSON.stringify(answer?.error ?? stderr)}`];
}

/** Every way to read sees the same events. */
async function notAlike(soak, reader, count) {
  const line = ["waybill", "sql", "SELECT count(*) AS n FROM audit_events"];
  const { exit, answer, stderr } = await runProgram(line, soak.calm(reader.env));
  if (exit !== 0)
    return [`reading by ${reader.how} (${reader.name}) ended with ${exit}: ${JSON.stringify(answer?.error ?? stderr)}`];
  const found = answer.result.rows[0][0];
  return found === count ? [] : [`${reader.how} (${reader.name}) sees ${found} events of ${count}`];
}
