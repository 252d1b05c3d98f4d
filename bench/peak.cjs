// Required into a measured program: writes the most memory that it held itself, without the children that it waited for.
const { writeFileSync } = require("node:fs");
const { isMainThread } = require("node:worker_threads");
const file = process.env["WAYBILL_BENCH_PEAK"];
if (isMainThread && file) process.on("exit", () => writeFileSync(file, String(process.resourceUsage().maxRSS)));
