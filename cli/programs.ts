/** Words that a program's name stands for: `dist app list` is `waybill dist app list`. */
const prefixes: ReadonlyMap<string, readonly string[]> = new Map([
  ["waybill", []],
  ["akc", []],
  ["dist", ["dist"]],
  ["distd", ["serve"]],
]);

/** Turns what was typed after a program's name into what would have been typed after `waybill`. */
export function lineOf(program: string, argv: readonly string[]): readonly string[] {
  return [...(prefixes.get(program) ?? []), ...argv];
}

/** Name by which people know a command: what begins with `dist` is typed so. */
export function typedName(path: string): string {
  return path.startsWith("dist ") ? path : `waybill ${path}`.trimEnd();
}
