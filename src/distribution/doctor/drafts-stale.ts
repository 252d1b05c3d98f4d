import { msOf } from "../../kernel/time.ts";
import { referenceOf } from "../core/release-path.ts";
import type { DoctorCheck } from "./check.ts";
import { warn } from "./symptoms.ts";

/** After this long another publish may take a draft over, so nobody is at it any more. */
const STALE_MS = 60 * 60_000;

/** No publish was begun and left. */
export const draftsStale: DoctorCheck = {
  id: "drafts.stale",
  title: "No publish was left unfinished",
  async run({ releases, at }) {
    const all = [...(await releases()).values()].flat();
    const stale = all.filter(({ status, created_at }) => status === "draft" && msOf(at) - msOf(created_at) > STALE_MS);
    return stale.map((release) => {
      const name = referenceOf(release.app_id, release);
      const fix = `dist ci publish finishes it with the same files; dist release abandon ${name} gives it up`;
      return warn(`The publish of ${name} was begun ${release.created_at} and never finished`, fix);
    });
  },
};
