/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object whose members are not known here, for example the `data` of an error. */
export type Data = Readonly<Record<string, Json>>;

/** Tells whether a JSON value is an object, and not null or an array. */
export function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
