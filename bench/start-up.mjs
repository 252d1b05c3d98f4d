// What a program costs before it works.
import { interleaved, ratio, run } from "./measure.mjs";
import { freshFolder } from "./repository.mjs";

export async function startUp(_modules, program) {
  const cwd = freshFolder();
  const ms = await interleaved(25, {
    floor: () => run(process.execPath, ["-e", "0"]),
    version: () => run(process.execPath, [program, "--version"]),
    // Wrong usage is found after parsing and before any work.
    other: () =>
      void expectUsage(() => run(process.execPath, [program, "dist", "release", "list", "--no-such-flag"], { cwd })),
  });
  const major = Number(process.versions.node.split(".")[0]);
  return [
    ratio("waybill --version / node -e 0", ms.version, ms.floor, 1.2),
    ratio("another command before its work / node -e 0", ms.other, ms.floor, major < 22 ? 3.3 : 2.8),
  ];
}

function expectUsage(work) {
  try {
    work();
  } catch (error) {
    if (/usage\./.test(String(error))) return;
    throw error;
  }
  throw new Error("A flag that does not exist was taken");
}
