import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const BUILT = pathToFileURL(join("build", "src", "schema", "compiled.js")).href;

/** Verdicts of a validator on the examples of a folder. */
function verdicts(validate: unknown, folder: string): ReadonlySet<unknown> {
  if (typeof validate !== "function" || !existsSync(folder)) return new Set();
  const values = readdirSync(folder).map((file): unknown => JSON.parse(readFileSync(join(folder, file), "utf8")));
  return new Set(values.map((value): unknown => Reflect.apply(validate, undefined, [value])));
}

test("validators that the build made accept and refuse as the schemas do", async () => {
  const built: unknown = await import(BUILT);
  const found = typeof built === "object" && built !== null && "compiled" in built ? built.compiled : undefined;
  const compiled: ReadonlyMap<unknown, unknown> = found instanceof Map ? found : new Map();
  expect([...compiled.keys()]).toEqual(
    expect.arrayContaining(["app.v1", "audit-event.v1", "channel-pointer.v1", "decision-evidence.v1", "policy.v1"]),
  );
  for (const [name, load] of compiled) {
    const validate: unknown = typeof load === "function" ? Reflect.apply(load, undefined, []) : undefined;
    const examples = join("schemas", "examples", String(name));
    expect(verdicts(validate, join(examples, "valid")), String(name)).toEqual(new Set([true]));
    expect(verdicts(validate, join(examples, "invalid")), String(name)).toEqual(new Set([false]));
  }
});
