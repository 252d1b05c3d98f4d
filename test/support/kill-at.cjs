// Preloaded into a program: kills it and its children with SIGKILL just before its n-th call that changes the disk or starts a
// process (WAYBILL_TEST_KILL_AT); with 0 it lives, and writes how many there were to the file WAYBILL_TEST_CALLS.
const fs = require("node:fs");
const processes = require("node:child_process");
const { syncBuiltinESMExports } = require("node:module");

const killAt = Number(process.env.WAYBILL_TEST_KILL_AT);
const { writeFileSync } = fs;
let calls = 0;

function mortal(holder, names, changes = () => true) {
  for (const name of names) {
    const original = holder[name];
    holder[name] = (...given) => {
      if (changes(...given)) calls += 1;
      else return original.apply(holder, given);
      // The program leads a process group of its own, so git dies with it.
      if (calls === killAt) process.kill(-process.pid, "SIGKILL");
      return original.apply(holder, given);
    };
  }
}

mortal(fs.promises, ["open", "rename", "link", "unlink", "rm", "mkdir", "writeFile"]);
mortal(fs, ["renameSync", "linkSync", "unlinkSync", "rmSync", "mkdirSync", "writeFileSync"]);
// Node itself opens every module that it loads.
mortal(fs, ["openSync"], (_, flags = "r") => (typeof flags === "number" ? (flags & 3) !== 0 : flags !== "r"));
mortal(processes, ["spawn"]);
syncBuiltinESMExports();
if (killAt === 0) process.on("exit", () => writeFileSync(process.env.WAYBILL_TEST_CALLS, String(calls)));
