// Makes histories ahead of their use: node bench/history/make.mjs 1000000 [--sealed]. Prints where each lies and what it holds.
import { git } from "../repository.mjs";
import { historyOf } from "./cache.mjs";

const sealed = process.argv.includes("--sealed");
const scales = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));
if (scales.length === 0 || !scales.every((scale) => Number(scale) >= 100)) {
  process.stderr.write("Name scales of at least 100 documents: node bench/history/make.mjs 1000 100000 [--sealed]\n");
  process.exit(2);
}
for (const scale of scales) {
  const began = performance.now();
  const path = await historyOf(Number(scale), { sealed });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const count = (...args) => Number(git(path, ...args));
  const files = git(path, "ls-tree", "-r", "--name-only", "waybill/state").split("\n").length;
  const commits = count("rev-list", "--count", "waybill/state");
  const decisions = count("rev-list", "--count", "--first-parent", "waybill/decisions") - 1;
  process.stdout.write(`${path}: ${files} files, ${commits} commits, ${decisions} decisions, ${seconds} s\n`);
}
