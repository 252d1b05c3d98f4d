/** Where people find the repository that an action works on; null where its server is no `owner/repo`. */
export function repositoryUrlOf(env: ReadonlyMap<string, string>): string | null {
  const name = env.get("DIST_SERVER") ?? "";
  const base = [env.get("WAYBILL_GITHUB_SERVER_URL"), env.get("GITHUB_SERVER_URL")].find((url) => (url ?? "") !== "");
  if (base === undefined || !/^[A-Za-z\d-]+\/[\w.-]+$/.test(name) || !URL.canParse(base)) return null;
  return `${base.replace(/\/+$/, "")}/${name}`;
}
