import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isData, type Data } from "../../src/kernel/json.ts";
import { buildTar, buildTarGz } from "../support/tar-builder.ts";
import { makeSandbox, type Sandbox } from "../support/sandbox.ts";
import { buildZip } from "../support/zip-builder.ts";

const MEMORY_BOUND_KB = 150 * 1024;

/** Writes what the system knows of a program's memory when it ends; `maxRSS` would count the memory of who started it. */
const MEASURE = `const fs = require("node:fs");
process.on("exit", () => fs.writeFileSync(process.env.PEAK_FILE, fs.readFileSync("/proc/self/status", "utf8")));`;

function measured(): { readonly sandbox: Sandbox; readonly peakKb: () => number } {
  const measuring = makeSandbox();
  const peak = measuring.path("peak");
  const require = `--require ${measuring.write("measure.cjs", MEASURE)}`;
  const peakKb = () => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(peak, "utf8"))?.[1] ?? Number.NaN);
  return { sandbox: makeSandbox({ NODE_OPTIONS: require, PEAK_FILE: peak }), peakKb };
}

/** A tar archive of one file of zeros; the parts of a gzip file follow each other, so that one part is made and repeated. */
function bomb(): Buffer {
  const part = gzipSync(Buffer.alloc(1 << 26));
  const header = gzipSync(
    buildTar([{ name: "zeros", size: `${(2 ** 30).toString(8).padStart(11, "0")}\0` }], Buffer.alloc(0)),
  );
  return Buffer.concat([header, ...Array.from({ length: 16 }, () => part), gzipSync(Buffer.alloc(1024))]);
}

/** The rows of an inspection. */
async function inspect(sandbox: Sandbox, ...paths: readonly string[]): Promise<readonly Data[]> {
  const { result } = await sandbox.json("waybill", "inspect", ...paths);
  const files = isData(result) ? result["files"] : undefined;
  return Array.isArray(files) ? files.filter(isData) : [];
}

describe("inspection in the built worker", () => {
  it("says failed for hostile files, each with its code, and goes on", async () => {
    const sandbox = makeSandbox();
    const zip = buildZip([{ name: "a", content: "a".repeat(1000) }]);
    const paths = [
      sandbox.write("escape.zip", buildZip([{ name: "../x" }])),
      sandbox.write("cut.zip", zip.subarray(0, zip.length / 2)),
      sandbox.write("escape.tar.gz", buildTarGz([{ name: "a" }, { name: "../x" }])),
      sandbox.write("good.zip", zip),
    ];
    const rows = await inspect(sandbox, ...paths);
    expect(rows.map((row) => [row["kind"], row["validation_status"]])).toEqual([
      ["zip", "failed"],
      ["zip", "failed"],
      ["tar_gz", "failed"],
      ["zip", "passed"],
    ]);
  });

  it("hashes 1.9 GB in little memory", async () => {
    const { sandbox, peakKb } = measured();
    const path = sandbox.write("big.bin", "");
    const handle = openSync(path, "r+");
    writeSync(handle, "not an archive");
    ftruncateSync(handle, 1_900_000_000);
    closeSync(handle);
    const [row] = await inspect(sandbox, path);
    expect(row).toMatchObject({ size_bytes: 1_900_000_000, kind: "opaque", validation_status: "skipped" });
    expect(peakKb()).toBeLessThan(MEMORY_BOUND_KB);
  });

  it("unpacks a bomb of 1 GiB in little memory, and says how large it is", async () => {
    const { sandbox, peakKb } = measured();
    const [row] = await inspect(sandbox, sandbox.write("bomb.tar.gz", bomb()));
    expect(row).toMatchObject({
      kind: "tar_gz",
      validation_status: "warning",
      facts: { entries: 1, total_bytes: 2 ** 30 },
    });
    expect(peakKb()).toBeLessThan(MEMORY_BOUND_KB);
  });
});
