import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentKinds } from "../../cli/compose/kinds.ts";
import { decisionKinds } from "../../cli/compose/decision-kinds.ts";
import type { Oid } from "../../src/kernel/oid.ts";
import type { DocumentName } from "../../src/schema/types.gen.ts";
import { DECISIONS, STATE } from "../../src/state/branches.ts";
import { type DocumentKind, type Key, pathOf } from "../../src/state/document-kind.ts";
import { openView } from "../../src/state/view.ts";
import { schemas } from "../support/facts.ts";
import { approved, bytesOf, lookAt, signAnyway, STABLE } from "../support/gate-steps.ts";
import { makeGateWorld } from "../support/gate-world.ts";
import { hostile } from "../support/hostile.ts";
import { honestHistory, type HonestWorld } from "../support/honest-history.ts";
import { memoryFolder } from "../support/memory-folder.ts";
import { type Driven, makeDrivers, READER_NAMES } from "./drivers.ts";
import { examplesOf } from "./examples.ts";
import { planter } from "./plant.ts";

const NONE = /^(?:document\.not_canonical|text\.invalid_utf8|state\.document\.invalid)$/;

const bytesWith = (change: (text: string) => string) => (text: string) => Buffer.from(change(text));

function insertAfterFirst(text: string, line: string): string {
  return text.replace("{\n", `{\n${line},\n`);
}

/** Ways to say the same, or what some parsers take for the same, in other bytes; null where a document has nothing to say so. */
const otherBytes: Readonly<Record<string, (text: string) => Uint8Array | null>> = {
  "a key twice": bytesWith((text) =>
    text.replace(/\{\n(.*\n)/, (hit, line: string) => hit + line.replace(/,?\n$/, ",\n")),
  ),
  "another order of keys": bytesWith((text) => {
    const value: unknown = JSON.parse(text);
    return `${JSON.stringify(Object.fromEntries(Object.entries(value ?? {}).toReversed()), null, 2)}\n`;
  }),
  "a number as 1e0": (text) => {
    const changed = text.replace(/(: )(-?[0-9]+)(,?\n)/, "$1$2e0$3");
    return changed === text ? null : Buffer.from(changed);
  },
  "a number as 1.0": (text) => {
    const changed = text.replace(/(: )(-?[0-9]+)(,?\n)/, "$1$2.0$3");
    return changed === text ? null : Buffer.from(changed);
  },
  "a lone surrogate, escaped": bytesWith((text) => text.replace(/": "(?=[^"])/, String.raw`": "\ud800`)),
  "a lone surrogate in bytes": (text) => {
    const at = text.indexOf('": "') + 4;
    return Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.of(0xed, 0xa0, 0x80), Buffer.from(text.slice(at))]);
  },
  "an empty __proto__": bytesWith((text) => insertAfterFirst(text, '  "__proto__": {}')),
  "a __proto__ with fields": bytesWith((text) => insertAfterFirst(text, '  "__proto__": {\n    "a": 1\n  }')),
  "a field that no schema knows": bytesWith((text) => insertAfterFirst(text, '  "AAA": 1')),
  "a byte-order mark": bytesWith((text) => `\uFEFF${text}`),
  CRLF: bytesWith((text) => text.replaceAll("\n", "\r\n")),
  "no last line break": bytesWith((text) => text.trimEnd()),
  "two last line breaks": bytesWith((text) => `${text}\n`),
  tabs: bytesWith((text) => text.replaceAll("\n  ", "\n\t")),
  "an escape that is not needed": bytesWith((text) =>
    text.replace(/": "([a-z])/, (_, letter: string) => `": "\\u00${letter.charCodeAt(0).toString(16)}`),
  ),
  "a comment": bytesWith((text) => text.replace("{\n", "{ // ok\n")),
};

/** Names of all documents that lie on a branch, with one that is valid. */
const names = [...new Set([...documentKinds.map(({ name }) => name), ...decisionKinds.map(({ schema }) => schema)])];

function exampleOf(name: DocumentName): string {
  return Buffer.from(schemas.print<DocumentName>(name, schemas.check(name, examplesOf(name)[0], name))).toString();
}

function keyOf(kind: DocumentKind): Key {
  return kind.keyOf(schemas.parse(kind.name, Buffer.from(exampleOf(kind.name)), kind.name));
}

function codeOf(parse: () => unknown): string {
  try {
    parse();
    return "none";
  } catch (cause) {
    return cause instanceof Error && "code" in cause ? String(cause.code) : "?";
  }
}

describe("a document in other bytes than its own is none", () => {
  it.each(names)("%s", (name) => {
    const text = exampleOf(name);
    expect(codeOf(() => schemas.parse(name, Buffer.from(text), name))).toBe("none");
    for (const [what, change] of Object.entries(otherBytes)) {
      const bytes = change(text);
      if (bytes === null) continue;
      expect(Buffer.compare(bytes, Buffer.from(text))).not.toBe(0);
      expect([what, codeOf(() => schemas.parse(name, bytes, name))]).toEqual([what, expect.stringMatching(NONE)]);
    }
  });
});

const kindsOfFacts = documentKinds.filter(({ branch, name }) => branch === "state" && name !== "state.v1");

describe("among facts", () => {
  let world: HonestWorld;
  let honest: ReadonlyMap<string, Oid>;
  let drivers: readonly Driven[];
  /** Path to a valid document, for each kind of facts. */
  const documents = new Map<string, string>();
  const ground = () => ({ kinds: documentKinds, cache: memoryFolder() });

  beforeAll(async () => {
    world = await honestHistory();
    honest = new Map(world.repository.branches);
    drivers = await makeDrivers();
    for (const kind of kindsOfFacts) documents.set(pathOf(kind, keyOf(kind)), exampleOf(kind.name));
  }, 60_000);

  afterAll(async () => {
    await Promise.all(drivers.map((driver) => driver.close()));
  });

  /** Plants one document of each kind; answers the commit that brings it, by path. */
  function plantAll(change: (text: string, i: number) => Uint8Array | null) {
    const repository = { ...world.repository, branches: new Map(honest) };
    const plant = planter(repository);
    const commits = new Map<string, Oid>();
    for (const [i, [path, text]] of [...documents].entries()) {
      const bytes = change(text, i);
      if (bytes !== null) commits.set(path, plant.push(STATE, { [path]: bytes }));
    }
    return { repository, commits };
  }

  /** What verify says is no document, by path, and what a reader of that path is told. */
  async function expectNone(driven: Driven, { repository, commits }: ReturnType<typeof plantAll>): Promise<void> {
    const store = await driven.load(repository);
    const { violations } = await world.verify({ ground: { store, ...ground() } });
    const found = violations.filter(({ rule }) => rule === "document.canonical");
    expect(found.map(({ path, commit }) => [path, commit])).toEqual([...commits]);
    const view = openView({ store, schemas, kinds: documentKinds, branch: "state" }, repository.branches.get(STATE)!);
    for (const kind of kindsOfFacts) {
      if (!commits.has(pathOf(kind, keyOf(kind)))) continue;
      await expect(view.find(kind.name, keyOf(kind))).rejects.toMatchObject({
        code: expect.stringMatching(NONE) as unknown,
      });
    }
  }

  it("one of each kind is a document, so that those below are none for their bytes alone", async () => {
    expect(documents.size).toBeGreaterThan(6);
    await expectNone(drivers[0]!, { ...plantAll((text) => Buffer.from(text)), commits: new Map() });
  });

  it.each(Object.entries(otherBytes))("each kind with %s is named, and read by nobody", async (_what, change) => {
    await expectNone(drivers[0]!, plantAll(change));
  });

  it.each(READER_NAMES)("each kind in some of these ways is named, and read by nobody: %s", async (name) => {
    const ways = Object.values(otherBytes).filter((change) => change('{\n  "a": "b"\n}\n') !== null);
    await expectNone(
      drivers.find((one) => one.name === name)!,
      plantAll((text, i) => ways[i % ways.length]!(text)),
    );
  });
});

describe("among decisions, signed and merged as they are", () => {
  it.each(Object.entries(otherBytes))("a pointer with %s changes nothing", async (_what, change) => {
    const world = await makeGateWorld();
    const id = await approved(world);
    const text = Buffer.from(await bytesOf(world, id, STABLE))
      .toString()
      .replaceAll(id, "prop_x");
    const bytes = change(text);
    const by = hostile(world);
    await by.put("waybill/proposal/prop_x", { [STABLE]: bytes }, { onto: await by.headOf(DECISIONS) });
    await signAnyway(world, "prop_x", "alice");
    await by.mergeAnyway("prop_x");
    const { version, conditions } = await lookAt(world);
    expect([version, conditions]).toEqual([null, [expect.stringMatching(/^shape: /)]]);
  });

  it.each(Object.entries(otherBytes))("a policy with %s changes nothing", async (_what, change) => {
    const world = await makeGateWorld();
    const { proposal } = await world.changePolicy(() => ({ groups: { all: ["alice"] } }));
    const text = Buffer.from(await bytesOf(world, proposal.id)).toString();
    const bytes = change(text.replaceAll(proposal.id, "prop_x"));
    const by = hostile(world);
    await by.put("waybill/proposal/prop_x", { "policy.json": bytes }, { onto: await by.headOf(DECISIONS) });
    await signAnyway(world, "prop_x", "alice", "policy.json");
    await by.mergeAnyway("prop_x");
    const { decisions, conditions } = await lookAt(world);
    expect(conditions).toEqual([expect.stringMatching(/^shape: /)]);
    expect(decisions.policy.document.groups).toEqual({});
  });
});
