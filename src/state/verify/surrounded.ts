import { type Oid, shortOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { Surroundings } from "../../ports/surroundings.ts";
import type { Report } from "./check.ts";

/** Rules about what lies beside the branches. */
export const SURROUNDING_RULES: readonly string[] = [
  "attributes.present",
  "history.grafted",
  "objects.borrowed",
  "ref.homonym",
  "ref.replaced",
];

const FILES = {
  attributes: { rule: "attributes.present", says: "hides or rewrites what git shows of files" },
  grafts: { rule: "history.grafted", says: "gives commits other parents in what git shows" },
  alternates: { rule: "objects.borrowed", says: "takes objects from another folder" },
} as const;

/** Names what may mislead people who look at the branches with git; nothing of it changes what Waybill reads. */
export function reportSurroundings(
  { namesakes, replaced, files }: Surroundings,
  heads: ReadonlyMap<string, Oid | null>,
  report: Report,
): void {
  const say = (rule: string, path: string, message: string, next: string) =>
    report({ rule, branch: null, commit: null, path, message, data: { path }, next });
  for (const { ref, branch, tip } of namesakes) {
    const head = heads.get(branch) ?? null;
    // A branch that is where ours is misleads nobody yet: it is ours, or follows it.
    if (/^refs\/(?:heads|remotes)\//.test(ref) && tip === head) continue;
    const name = printable(ref);
    const at = tip === null ? "" : `, at ${shortOid(tip)},`;
    const ours = head === null ? "which is not here" : `which is at ${shortOid(head)}`;
    const message = `${name}${at} goes by the name of the branch ${branch}, ${ours}`;
    const data = { ref, branch, tip, head };
    report({ rule: "ref.homonym", branch, commit: null, path: ref, message, data, next: removalOf(ref, name) });
  }
  for (const object of replaced)
    say(
      "ref.replaced",
      `refs/replace/${object}`,
      `git shows another object for ${printable(object)}`,
      `git replace -d ${printable(object)}`,
    );
  for (const { kind, path } of files)
    say(
      FILES[kind].rule,
      path,
      `${path} of this repository ${FILES[kind].says}`,
      `look at ${path} in the folder of git`,
    );
}

function removalOf(ref: string, name: string): string {
  if (ref.startsWith("refs/tags/"))
    return `git tag -d ${name.slice("refs/tags/".length)}, and on the server git push origin :${name}`;
  if (ref.startsWith("refs/")) return `git update-ref -d ${name}`;
  return `remove the file ${name} in the folder of git`;
}
