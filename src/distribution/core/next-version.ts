/** Names a version that comes after one, for hints: the next build where there is one that counts, else the last number plus one. */
export function nextVersion({ version, build }: { readonly version: string; readonly build: string | null }): string {
  if (build !== null && /^\d{1,15}$/.test(build)) return `${version} (${Number(build) + 1})`;
  const [, before = "", last, after = ""] = /^(.*?)(\d{1,15})(\D*)$/.exec(version) ?? [];
  return last === undefined ? `${version}.1` : `${before}${Number(last) + 1}${after}`;
}
