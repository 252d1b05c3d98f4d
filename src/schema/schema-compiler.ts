import { Ajv2020, type Options } from "ajv/dist/2020.js";
import { formats } from "./formats.ts";
import { sources } from "./sources.gen.ts";

/** Makes the compiler of all schemas: the one for running, and with `code` the one by which the build writes validators out. */
export function schemaCompiler(code: NonNullable<Options["code"]> = {}): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    allErrors: true,
    allowUnionTypes: true,
    strictRequired: false,
    discriminator: true,
    // They are ours, and a test holds them against their dialect.
    validateSchema: false,
    code,
  });
  ajv.addKeyword("tsType");
  for (const [name, isOne] of Object.entries(formats)) ajv.addFormat(name, isOne);
  for (const source of sources) ajv.addSchema(source);
  return ajv;
}
