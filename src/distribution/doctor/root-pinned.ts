import { isData } from "../../kernel/json.ts";
import { decodeUtf8 } from "../../kernel/text.ts";
import { onForge } from "./on-forge.ts";
import type { DoctorCheck } from "./check.ts";
import { fail, warn } from "./symptoms.ts";

const CONFIG = ".waybill.json";

/** The default branch names the root of decisions, so that a newcomer need not believe the first one that they see. */
export const rootPinned: DoctorCheck = onForge({
  id: "root.pinned",
  title: `${CONFIG} on the default branch names the root of decisions`,
  async run(forge, { history }) {
    const [bytes, { decisions }] = await Promise.all([forge.file(CONFIG), history()]);
    const fix = `In a clone: waybill init --github, then commit ${CONFIG}`;
    if (bytes === null)
      return [warn(`${CONFIG} is not on the default branch, so a newcomer believes the first root that they see`, fix)];
    const root = rootIn(decodeUtf8(bytes, CONFIG));
    if (root === decisions.root) return [];
    return [
      fail(`${CONFIG} on the default branch names ${root ?? "no root"}, and decisions begin at ${decisions.root}`, fix),
    ];
  },
});

function rootIn(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    const root = isData(value) ? value["root"] : undefined;
    return typeof root === "string" ? root : null;
  } catch {
    return null;
  }
}
