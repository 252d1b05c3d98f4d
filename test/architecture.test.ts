import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The planes: they meet only in cli/compose.ts. */
const planes = ["distribution", "delivery", "artifact-delivery", "compile", "site"];

/** A room of the house: what it is, how high it lies, what it may take from outside. */
interface Room {
  readonly name: string;
  readonly rank: number;
  readonly outside: readonly string[];
}

/** The table of layers: folder to rank and to what it may take from outside; `*` is anything. */
const layers: Readonly<Record<string, readonly [rank: number, ...outside: readonly string[]]>> = {
  "src/distribution/core": [2],
  "src/delivery/core": [2],
  "src/artifact-delivery/core": [2],
  "src/compile/core": [2],
  "src/site/core": [2],
  "src/distribution": [7],
  "src/delivery": [7],
  "src/artifact-delivery": [7],
  "src/compile": [7],
  "src/site": [7],
  "src/kernel": [0, "node:crypto", "node:buffer"],
  "src/schema": [1, "ajv/dist/2020.js"],
  "src/ir": [2],
  "src/feeds": [2, "node:zlib", "saxes"],
  "src/inspect": [2, "node:zlib", "node:crypto", "saxes", "modern-tar"],
  "src/gate/core": [2, "node:crypto", "croner", "@sigstore/bundle", "@sigstore/protobuf-specs", "@sigstore/verify"],
  "src/ports": [3],
  "src/state": [4],
  "src/access": [5],
  "src/gate": [6],
  "src/platform": [8, "*"],
  "src/server": [9],
  cli: [9, "*"],
};

/** Finds the room of a source file; undefined for a folder that nobody planned. */
function roomOf(file: string): Room | undefined {
  const folder = Object.keys(layers)
    .filter((name) => file.startsWith(`${name}/`))
    .reduce((longest, name) => (name.length > longest.length ? name : longest), "");
  const layer = layers[folder];
  if (layer === undefined) return undefined;
  const [rank, ...outside] = layer;
  return { name: folder.replace(/^src\//, ""), rank, outside };
}

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

/** Static, dynamic and type imports and re-exports of a file, comments left out. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
  const found = [
    ...text.matchAll(/^\s*(?:import|export)\b[^"';]*?\bfrom\s+"([^"]+)"/gm),
    ...text.matchAll(/\bimport\s*(?:\(\s*)?"([^"]+)"/g),
  ];
  return found.map((match) => match[1] ?? "");
}

interface Edge {
  readonly from: string;
  readonly to: string;
}

const files = [...sourceFiles("src"), ...sourceFiles("cli")];
const edges: readonly Edge[] = files.flatMap((from) =>
  importsOf(from).map((specifier) => ({
    from,
    to: specifier.startsWith(".") ? posix.normalize(posix.join(posix.dirname(from), specifier)) : specifier,
  })),
);

/** Says what is wrong with an edge, or nothing. */
function faultOf({ from, to }: Edge): string | undefined {
  const room = roomOf(from);
  if (room === undefined) return `${from}: no layer knows this folder`;
  if (!to.includes("/") || !/^(?:src|cli|schemas)\//.test(to)) return outsideFault(from, room, to);
  if (to.startsWith("schemas/")) return from === "src/schema/sources.gen.ts" ? undefined : `${from} reads ${to} itself`;
  const target = roomOf(to);
  if (target === undefined) return `${from} imports ${to}, which lies in no layer`;
  if (target.name === room.name) return undefined;
  return innerFault(from, room, to, target);
}

function outsideFault(from: string, room: Room, to: string): string | undefined {
  if (from === "src/platform/sql-js.ts" || room.outside.includes("*") || room.outside.includes(to)) return undefined;
  return `${from} imports ${to}, which layer ${room.name} may not use`;
}

function innerFault(from: string, room: Room, to: string, target: Room): string | undefined {
  if (target.name === "platform" && room.name === "cli") {
    const may = /^cli\/(?:compose(?:\.ts|\/)|main\.ts$|worker\/)/.test(from);
    return may ? undefined : `${from} touches the world: only compose, main and worker import ${to}`;
  }
  if (room.name === "platform" && target.rank > 3) return `${from} (platform) imports ${to}: only ranks 0 to 3`;
  if (target.rank === room.rank) return `${from} imports ${to}: rooms of one rank do not meet`;
  if (planes.includes(room.name) && target.name.endsWith("/core") && !isOwnOrEngineCore(room.name, target.name)) {
    return `${from} imports the core of another plane: ${to}`;
  }
  return target.rank < room.rank
    ? undefined
    : `${from} (rank ${room.rank}) imports upward: ${to} (rank ${target.rank})`;
}

function isOwnOrEngineCore(plane: string, core: string): boolean {
  return core === `${plane}/core` || core === "gate/core";
}

describe("architecture", () => {
  it("sees the whole house", () => {
    expect(files.length).toBeGreaterThan(60);
    expect(edges.length).toBeGreaterThan(200);
    expect(edges.some(({ to }) => to.startsWith("node:"))).toBe(true);
  });

  it("imports only lower ranks and what a layer may take from outside", () => {
    const faults = edges.map(faultOf).filter((fault) => fault !== undefined);
    expect(faults).toEqual([]);
  });

  it("finds an upward import, a foreign package and an unknown folder", () => {
    expect(faultOf({ from: "src/kernel/a.ts", to: "src/state/view.ts" })).toContain("upward");
    expect(faultOf({ from: "src/state/a.ts", to: "node:fs" })).toContain("may not use");
    expect(faultOf({ from: "src/distribution/a.ts", to: "src/delivery/b.ts" })).toContain("do not meet");
    expect(faultOf({ from: "src/helpers/a.ts", to: "src/kernel/oid.ts" })).toContain("no layer");
    expect(faultOf({ from: "cli/commands/a.ts", to: "src/platform/git/native-store.ts" })).toContain(
      "touches the world",
    );
  });

  it("keeps process, environment and console to the door", () => {
    const touching = files.filter((file) => {
      if (file.startsWith("src/platform/") || file === "cli/main.ts" || file.startsWith("cli/worker/")) return false;
      const text = readFileSync(join(root, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
      return /\bprocess\.(?:env|exit|argv|stdout|stderr|cwd)\b|\bconsole\.|\bnew Date\(\)|\bDate\.now\(|\bMath\.random\(/.test(
        text,
      );
    });
    expect(touching).toEqual([]);
  });

  it("keeps compose to wiring", () => {
    const compose = files.filter((file) => file === "cli/compose.ts");
    for (const file of compose)
      expect(readFileSync(join(root, file), "utf8").split("\n").length).toBeLessThanOrEqual(150);
  });

  it("has no folder for leftovers", () => {
    const leftovers = files
      .map((file) => relative(".", file))
      .filter((file) => /(?:^|\/)(?:utils?|common|misc|helpers?|manager)(?:\/|\.ts$)/.test(file));
    expect(leftovers).toEqual([]);
  });
});
