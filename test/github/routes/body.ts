import type { Call } from "../route.ts";
import { found, refusal } from "./answers.ts";

/** Fields of a JSON body; the description has checked their types already, what is absent is undefined. */
export type Fields = Readonly<Record<string, unknown>>;

/** The JSON body as fields; no body is no fields. */
export function fields(call: Call): Fields {
  if (call.body === undefined || call.body === null) return {};
  if (!isFields(call.body)) throw refusal(400, "Problems parsing JSON");
  return call.body;
}

/** Tells whether a value is an object with fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text of the body, undefined where it is absent or of another type. */
export function text(body: Fields, name: string): string | undefined {
  const value = body[name];
  return typeof value === "string" ? value : undefined;
}

/** A flag of the body. */
export function flag(body: Fields, name: string): boolean | undefined {
  const value = body[name];
  return typeof value === "boolean" ? value : undefined;
}

/** Texts of a list in the body; an absent list is empty. */
export function texts(body: Fields, name: string): readonly string[] {
  const value = body[name];
  return Array.isArray(value) ? value.filter((row): row is string => typeof row === "string") : [];
}

/** A parameter of the path; absent ones are a mistake of the route table. */
export function param(call: Call, name: string): string {
  return found(call.params[name]);
}

/** A numeric parameter of the path; anything else is 404 as on GitHub. */
export function id(call: Call, name: string): number {
  const value = Number(param(call, name));
  return found(Number.isInteger(value) ? value : null);
}
