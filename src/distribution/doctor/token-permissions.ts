import type { ForgeRepository } from "../../ports/forge-settings.ts";
import { onForge } from "./on-forge.ts";
import type { DoctorCheck, Symptom } from "./check.ts";
import { unknown, warn } from "./symptoms.ts";

/** Scopes of a classic token of which one lets it write here. */
const WRITING: readonly string[] = ["repo", "public_repo"];

/** The token in use may do what Waybill does, as far as GitHub says. What it may write is known only by writing. */
export const tokenPermissions: DoctorCheck = onForge({
  id: "token.permissions",
  title: "This token may read contents, pull requests, statuses and actions, and push",
  run: async (forge) => [...pushes(await forge.repository()), ...(await forge.refusedPermissions()).map(refused)],
});

function pushes({ token, scopes, name }: ForgeRepository): readonly Symptom[] {
  const fix = "A workflow asks for contents: write and pull-requests: write; a person needs write access";
  if (scopes !== null && !scopes.some((scope) => WRITING.includes(scope)))
    return [warn(`This token has none of the scopes ${WRITING.join(", ")}, so it cannot publish or propose`, fix)];
  if (token === null) return [unknown(`GitHub does not say whether this token may push to ${name}`, fix)];
  return token.push ? [] : [warn(`This token may not push to ${name}, so it cannot publish or propose`, fix)];
}

function refused(permission: string): Symptom {
  const asked = permission.replaceAll("_", "-");
  return warn(`This token may not read ${permission}`, `Add to the job: permissions: ${asked}: read`);
}
