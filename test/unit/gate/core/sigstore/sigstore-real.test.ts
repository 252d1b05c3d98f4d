import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bundleSigner } from "../../../../../src/gate/core/sigstore/sigstore.ts";
import { parseInputJson } from "../../../../../src/kernel/input-json.ts";
import { isData, type Json } from "../../../../../src/kernel/json.ts";
import { loadSchemas } from "../../../../../src/schema/documents.ts";

const folder = "test/fixtures/sigstore";
const read = (path: string) => parseInputJson(readFileSync(path), { what: path, code: "schema.invalid" }).value;
const bytes = readFileSync(`${folder}/sigstore-2.0.0.tgz`);
const bundle = read(`${folder}/bundle.json`);
const header = read("schemas/examples/sigstore-root.v1/valid/public.json");
const trusted = [read(`${folder}/trusted_root.json`)];
const document = isData(header) ? { ...header, trusted_roots: trusted } : null;
const { trusted_roots: roots } = loadSchemas().check("sigstore-root.v1", document, "root");
const check = (json: Json, about: Uint8Array = bytes) => bundleSigner(JSON.stringify(json), { bytes: about, roots });

/** Every text of a JSON with its place. */
function* textsOf(value: Json, path: readonly string[] = []): Generator<readonly [readonly string[], string]> {
  if (typeof value === "string") yield [path, value];
  else if (typeof value === "object" && value !== null)
    for (const [name, member] of Object.entries(value)) yield* textsOf(member, [...path, name]);
}

function withText(path: readonly string[], text: string, value: Json = bundle): Json {
  const [name, ...rest] = path;
  if (name === undefined) return text;
  if (Array.isArray(value))
    return value.map((item: Json, i) => (String(i) === name ? withText(rest, text, item) : item));
  return isData(value) ? { ...value, [name]: withText(rest, text, value[name] ?? null) } : value;
}

/** Another text of the same form: another digit, or another byte of what is in base64. */
function other(text: string): string {
  const at = Math.floor(text.length / 2);
  const now = text[at]!;
  return `${text.slice(0, at)}${now === "1" ? "2" : /\d/.test(now) ? "1" : now === "B" ? "C" : "B"}${text.slice(at + 1)}`;
}

/** What nothing rests on: the library reads the leaf only, and the root hash from the signed checkpoint. */
const IDLE = /certificates\.[12]\.|rootHash|treeSize|keyid/;

describe("a bundle of the public Sigstore that nobody here made", () => {
  it("names who signed its own subject", () => {
    expect(check(bundle)).toEqual({
      repositoryId: "495574555",
      workflow: ".github/workflows/release.yml@refs/heads/main",
      issuer: "https://token.actions.githubusercontent.com",
    });
    expect(check(bundle, Buffer.concat([bytes, Buffer.from("\n")]))).toBe("it is about other bytes");
  });

  const texts = [...textsOf(bundle)].filter(([path]) => !IDLE.test(path.join(".")));
  it("has texts to bend", () => expect(texts.length).toBeGreaterThan(12));
  it.each(texts.map(([path, text]) => [path.join("."), path, text] as const))(
    "is refused with another %s",
    (_, path, text) => {
      expect(typeof check(withText(path, other(text)))).toBe("string");
    },
  );

  it("is refused where any byte of certificate, signature, statement, entry or promise is another", () => {
    const parts = texts.filter(([path]) =>
      /rawBytes|payload$|sig$|canonicalizedBody|signedEntryTimestamp/.test(path.join(".")),
    );
    expect(parts.length).toBe(5);
    for (const [path, text] of parts) {
      const raw = Buffer.from(text, "base64");
      // The outermost tag of a certificate is not signed, and says nothing.
      for (let i = 1; i < 24; i += 1) {
        const copy = Buffer.from(raw);
        const at = Math.floor((i * raw.length) / 24);
        copy[at] = copy[at]! ^ (1 << (i % 8));
        expect(typeof check(withText(path, copy.toString("base64"))), `${path.join(".")} at ${at}`).toBe("string");
      }
    }
  });
});
