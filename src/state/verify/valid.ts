import { shortOid } from "../../kernel/oid.ts";
import { printable } from "../../kernel/text.ts";
import type { StateV1 } from "../../schema/types.gen.ts";
import { STATE } from "../branches.ts";
import { isNoDocument } from "../no-document.ts";
import { openView } from "../view.ts";
import type { VerifyCheck, Walk } from "./check.ts";

/** Stands for a scope that is there and cannot be read. */
const UNREADABLE = "unreadable";

/** `document.canonical`: what lies at the path of a document is one; `scope.foreign`: it is of this repository. */
export const valid: VerifyCheck = {
  rules: ["document.canonical", "scope.foreign"],
  begin: async (walk) => {
    const scope = await scopeOf(walk);
    return {
      onFile({ path, after }, commit) {
        if (after === null) return;
        const say = (rule: string, message: string, data: Readonly<Record<string, string>>) => {
          const name = printable(path);
          walk.report({
            rule,
            branch: STATE,
            commit: commit.commit,
            path,
            message: message.startsWith(name) ? message : `${name} ${message}`,
            data,
            next: `find who pushed ${shortOid(commit.commit)}`,
          });
        };
        if (after.problem !== undefined)
          say(ruleOf(after.problem.code), problemText(printable(path), after.problem.message), {
            code: after.problem.code,
          });
        const { document } = after;
        if (document === undefined || scope === UNREADABLE) return;
        for (const [field, mine] of [
          ["tenant_id", scope?.tenant_id],
          ["repo_id", scope?.repo_id],
        ] as const) {
          const own = fieldOf(document, field);
          if (own !== undefined && own !== mine)
            say(
              "scope.foreign",
              `belongs to ${field} ${own}, not to ${mine ?? "any: there is no state.json at the root"}`,
              { field, own },
            );
        }
      },
    };
  },
};

/** What is wrong with a document, with its path once. */
function problemText(name: string, problem: string): string {
  const told = printable(problem, 300 + name.length);
  return told.startsWith(name) ? told : `is no document: ${told}`;
}

/** A document beyond a bound is named as a folder beyond one is. */
function ruleOf(code: string): string {
  return code === "state.limit.exceeded" ? "tree.bounded" : "document.canonical";
}

/** Scope of the first commit: of a remembered walk's end, else of the root itself. */
async function scopeOf({ ground, after, first }: Walk): Promise<StateV1 | typeof UNREADABLE | undefined> {
  const at = after ?? first;
  if (at === null) return undefined;
  try {
    return await openView({ ...ground, branch: "state" }, at).find("state.v1", {});
  } catch (cause) {
    // One that is no document is named where it is walked over, once and not of every document that cannot be held against it.
    if (isNoDocument(cause)) return UNREADABLE;
    throw cause;
  }
}

function fieldOf(document: object, field: "tenant_id" | "repo_id"): string | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(document, field)?.value;
  return typeof value === "string" ? value : undefined;
}
