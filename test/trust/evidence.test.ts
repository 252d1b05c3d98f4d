import { beforeAll, expect, it } from "vitest";
import type { Oid } from "../../src/kernel/oid.ts";
import { createMemoryGitStore } from "../../src/platform/memory/git-store.ts";
import { STATE } from "../../src/state/branches.ts";
import { honestHistory, type HonestWorld } from "../support/honest-history.ts";
import { planter } from "./plant.ts";
import { findings } from "./reading.ts";

let world: HonestWorld;
let path: string;
let text: string;
let honest: ReadonlyMap<string, Oid>;

beforeAll(async () => {
  world = await honestHistory();
  honest = new Map(world.repository.branches);
  const tip = await world.tip();
  for await (const difference of world.store.diff(null, tip))
    if (difference.path.startsWith("decisions/")) path = difference.path;
  const [found] = await world.store.read(tip, [path]);
  text = found && "bytes" in found ? Buffer.from(found.bytes).toString() : "";
}, 60_000);

/** What verify finds where the evidence of a decision says something else. */
async function withEvidence(change: (evidence: string) => string): Promise<readonly string[]> {
  const changed = change(text);
  expect(changed).not.toBe(text);
  const repository = { ...world.repository, branches: new Map(honest) };
  const commit = planter(repository).push(STATE, { [path]: changed });
  const found = await findings(world, createMemoryGitStore({ repository }));
  return found.filter((line) => line === `evidence.false ${commit} ${path}`);
}

const hex = (name: string, size: number) => (evidence: string) =>
  evidence.replace(new RegExp(`"${name}": "[0-9a-f]{${size}}"`), `"${name}": "${"0".repeat(size)}"`);

it.each<[string, (evidence: string) => string]>([
  ["another merge", hex("merge", 40)],
  ["other bytes", hex("decision_sha256", 64)],
  ["another policy", hex("policy_sha256", 64)],
  ["another path", (evidence) => evidence.replace("channels/notes/stable.json", "channels/notes/beta.json")],
  ["another grade", (evidence) => evidence.replace('"grade": "signed"', '"grade": "recorded"')],
  ["another approver", (evidence) => evidence.replaceAll('"person": "alice"', '"person": "mallory"')],
  ["another head", hex("head", 40)],
  ["another base", hex("base", 40)],
  ["another key", (evidence) => evidence.replace(/"id": "SHA256:[^"]*"/, '"id": "SHA256:mallory"')],
  ["another way to approve", (evidence) => evidence.replace('"method": "signature"', '"method": "review"')],
  [
    "other requesters",
    (evidence) => evidence.replace(/"requesters": \[[^\]]*\]/, '"requesters": [\n    "mallory"\n  ]'),
  ],
  [
    "another answer to who approved it",
    (evidence) => evidence.replace(/"self_approved": (true|false)/, (_, was) => `"self_approved": ${was !== "true"}`),
  ],
])("evidence that names %s is false", async (_what, change) => {
  expect(await withEvidence(change)).toHaveLength(1);
});
