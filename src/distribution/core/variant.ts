/** One name for every name that a processor type goes by, in file names and in facts; the first that fits counts. */
const NAMES: readonly (readonly [variant: string, names: RegExp])[] = [
  ["universal", /universal|universal2/],
  ["x64", /x86[_-]64|x64|amd64|win64/],
  ["arm64", /arm64(?:-v8a)?|arm64e|aarch64/],
  ["arm", /armeabi(?:-v7a)?|armhf|armv7(?:l|hl|a)?|armv6l?|arm/],
  ["x86", /x86|i[3-6]86|ia32|win32/],
];

/** What says of no processor: that any will do, or that nobody knows. */
const NONE = /^(?:all|any|machine_\d+|msil|neutral|noarch|unknown)$/i;

/** The one name of a processor type; what is not known keeps its name. */
export function variantOfArchitecture(architecture: string): string | null {
  if (NONE.test(architecture)) return null;
  const known = NAMES.find(([, names]) => new RegExp(`^(?:${names.source})$`, "i").test(architecture));
  if (known !== undefined) return known[0];
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(architecture) ? architecture.toLowerCase() : null;
}

/** The variant of a file that holds code for these processors; null where the bytes say nothing or it runs on any. */
export function variantOf(architectures: readonly string[]): string | null {
  const found = [...new Set(architectures.flatMap((one) => variantOfArchitecture(one) ?? []))];
  return found.length > 1 ? "universal" : (found[0] ?? null);
}

/** The variant that a file's name says. */
export function variantOfName(filename: string): string | null {
  const known = NAMES.find(([, names]) =>
    new RegExp(`(?:^|[^a-z0-9])(?:${names.source})(?:[^a-z0-9]|$)`, "i").test(filename),
  );
  return known?.[0] ?? null;
}
