import type { StateBundleV1 } from "../../schema/types.gen.ts";

/** What the bundle says to whoever opens it, with or without Waybill. Holds nothing that a release or a person chose. */
export function readMeOf({ root, artifacts, branches }: StateBundleV1): string {
  const tips = branches.map(({ name, commit }) => `  ${name}  ${commit}`);
  return `A hand-over bundle of Waybill

waybill-bundle.json  what is in here, with sizes and SHA-256
history.bundle       both branches, whole, as a git bundle
${artifacts.length === 0 ? "" : "artifacts/           stored files by SHA-256\n"}
Branches
${tips.join("\n")}
Decisions begin at
  ${root ?? "nothing: there are no decisions"}

To read and verify it, offline:

  waybill state import <this file> ./copy.git
  waybill state verify --server ./copy.git${root === null ? "" : ` --root ${root}`}${artifacts.length === 0 ? "" : " --artifacts"}

Compare the root with what the sender tells you by another way: a bundle cannot vouch for itself.
Without Waybill: git clone history.bundle -b waybill/state
`;
}
