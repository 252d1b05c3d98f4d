import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";
import { runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import { formats } from "../../src/schema/formats.ts";

const BUILT = join("dist", "validators");
const RUNTIME = { equal: ofAjv("equal"), ucs2length: ofAjv("ucs2length") };

/** Function that code of ajv calls. */
function ofAjv(name: string): unknown {
  const made: unknown = createRequire(import.meta.url)(`ajv/dist/runtime/${name}.js`);
  return typeof made === "object" && made !== null && "default" in made ? made.default : made;
}

/** Loads a validator as the bundle does. */
function validatorIn(file: string): unknown {
  const exported: { validatorOf?: unknown } = {};
  const script: unknown = runInThisContext(readFileSync(join(BUILT, file), "utf8"));
  if (typeof script === "function") Reflect.apply(script, undefined, [exported]);
  const { validatorOf } = exported;
  return typeof validatorOf === "function" ? Reflect.apply(validatorOf, undefined, [formats, RUNTIME]) : undefined;
}

/** Verdicts of a validator on the examples of a folder. */
function verdicts(validate: unknown, folder: string): ReadonlySet<unknown> {
  if (typeof validate !== "function" || !existsSync(folder)) return new Set();
  const values = readdirSync(folder).map((file): unknown => JSON.parse(readFileSync(join(folder, file), "utf8")));
  return new Set(values.map((value): unknown => Reflect.apply(validate, undefined, [value])));
}

test("validators that the build made accept and refuse as the schemas do", () => {
  const names = readdirSync(BUILT).map((file) => file.replace(/\.js$/, ""));
  expect(names).toEqual(
    expect.arrayContaining(["app.v1", "audit-event.v1", "channel-pointer.v1", "decision-evidence.v1", "policy.v1"]),
  );
  for (const name of names) {
    const validate = validatorIn(`${name}.js`);
    const examples = join("schemas", "examples", name);
    expect(verdicts(validate, join(examples, "valid")), name).toEqual(new Set([true]));
    expect(verdicts(validate, join(examples, "invalid")), name).toEqual(new Set([false]));
  }
});
