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

/** The words of a command as people type them: what begins with `dist` is a program of its own. */
export function typedName(path: string): string {
  return /^(?:dist|waybill)(?: |$)/.test(path) ? path : `waybill ${path}`.trimEnd();
}
