import * as all from "./all.ts";
import type { Inspector } from "./inspector.ts";

/** All inspectors in the order in which they are asked: specific formats before the containers they are made of. */
export const inspectors: readonly Inspector[] = ordered(Object.values(all));

/** Orders inspectors for detection; two of one id are a mistake in the program. */
export function ordered(list: readonly Inspector[]): readonly Inspector[] {
  if (new Set(list.map((one) => one.id)).size < list.length) throw new Error("two inspectors have one id");
  return list.toSorted((a, b) => Number(a.container ?? false) - Number(b.container ?? false) || (a.id < b.id ? -1 : 1));
}
