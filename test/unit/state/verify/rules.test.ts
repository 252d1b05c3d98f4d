import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { documentKinds } from "../../../../cli/compose/kinds.ts";
import { verifyRules } from "../../../../cli/verify-rules.ts";

/** TypeScript files below a folder. */
function sourcesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(folder, path));
}

const ids = verifyRules.map(({ id }) => id);

/** Names in places where code names a rule: `rule: "…"`, `rules: ["…"]`, `say("…"`, and tables from error codes to rules. */
function rulesNamedIn(text: string): readonly string[] {
  const places = [
    ...text.matchAll(/\brules?: (?:[^\n]*? \? )?("[^\n]*|\[[^\]]*\])/g),
    ...text.matchAll(/\bsay\(\s*(?:\w+, )?("[^"]*")/g),
    ...text.matchAll(/_RULES = (\[[^\]]*\])/g),
    ...text.matchAll(/\bruleOf: [^=]*= (\{[^}]*\})/g),
  ].map(([, place = ""]) => place.replaceAll(/"[^"]*":/g, ""));
  return places.flatMap((place) => [...place.matchAll(/"([a-z_]+(?:\.[a-z_]+)+)"/g)].map(([, id = ""]) => id));
}

/** Rules that code reports: by name, and those of what may be written only once. */
function reported(): ReadonlySet<string> {
  const sources = [...sourcesIn("src"), ...sourcesIn("cli")].filter((file) => !/(?:\.gen|rules)\.ts$/.test(file));
  const named = sources.flatMap((file) => rulesNamedIn(readFileSync(file, "utf8")));
  const thing = (name: string) =>
    name === "audit-event.v1" ? "audit" : name.replace(/\.v\d+$/, "").replaceAll("-", "_");
  const frozen = documentKinds
    .filter(({ branch, life }) => branch === "state" && life !== "mutable")
    .map(({ name, life }) => `${thing(name)}.${life === "append-only" ? "append_only" : "frozen"}`);
  return new Set([...named, ...frozen]);
}

describe("the registry of rules", () => {
  test("has every rule that code reports, and no other", () => {
    expect([...reported()].filter((id) => !ids.includes(id))).toEqual([]);
    expect(ids.filter((id) => !reported().has(id))).toEqual([]);
  });

  test("has each once, says all of it in words, and promises no step without one", () => {
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, title, means, readers, who, steps } of verifyRules) {
      expect(id).toMatch(/^[a-z_]+(?:\.[a-z_]+){1,2}$/);
      for (const text of [means, readers, who, ...steps]) expect(text, `${id}: ${text}`).toMatch(/^[A-Z`].*[.:`]$/);
      expect(title, id).toMatch(/^[A-Z].{10,90}[^.]$/);
      expect(steps.length, id).toBeGreaterThan(0);
    }
  });
});
