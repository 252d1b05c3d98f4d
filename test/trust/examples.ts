import { readdirSync, readFileSync } from "node:fs";
import type { DocumentName } from "../../src/schema/types.gen.ts";

/** Valid examples of a document, by the name of their files. */
export function examplesOf(name: DocumentName): readonly unknown[] {
  const folder = new URL(`../../schemas/examples/${name}/valid/`, import.meta.url);
  return readdirSync(folder)
    .toSorted()
    .map((file): unknown => JSON.parse(readFileSync(new URL(file, folder), "utf8")));
}
