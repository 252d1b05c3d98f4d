import type { Data } from "../../kernel/json.ts";
import { timestamp } from "../../kernel/time.ts";
import { cmsContent } from "../cms.ts";
import { readPlist } from "../plist.ts";
import { isDictionary, textAt, textsAt } from "../plist/value.ts";

/** A provisioning profile: on which devices Apple lets an app run. Its signature is not checked. */
export interface Profile {
  readonly kind: "development" | "ad_hoc" | "enterprise" | "app_store";
  readonly name: string | null;
  readonly uuid: string | null;
  readonly teamId: string | null;
  readonly teamName: string | null;
  /** With the team's prefix; `*` at its end stands for any app. */
  readonly applicationId: string | null;
  readonly expiresAt: string | null;
  readonly devices: number;
}

/** Reads `embedded.mobileprovision`: a signed message around a property list. */
export function readProfile(content: Uint8Array): Profile {
  const plist = readPlist(cmsContent(content));
  const entitlements = plist.get("Entitlements");
  const rights = isDictionary(entitlements) ? entitlements : new Map<string, never>();
  const devices = plist.get("ProvisionedDevices");
  const expires = plist.get("ExpirationDate");
  const count = Array.isArray(devices) ? devices.length : 0;
  return {
    kind: kindOf(plist.get("ProvisionsAllDevices") === true, count, rights.get("get-task-allow") === true),
    name: textAt(plist, "Name") ?? null,
    uuid: textAt(plist, "UUID") ?? null,
    teamId: textsAt(plist, "TeamIdentifier")[0] ?? null,
    teamName: textAt(plist, "TeamName") ?? null,
    applicationId: textAt(rights, "application-identifier") ?? null,
    expiresAt: expires instanceof Date && !Number.isNaN(expires.getTime()) ? timestamp(expires) : null,
    devices: count,
  };
}

/** What Xcode calls the ways to export; a store profile names neither devices nor all of them. */
function kindOf(everywhere: boolean, devices: number, debuggable: boolean): Profile["kind"] {
  if (everywhere) return "enterprise";
  if (devices === 0) return "app_store";
  return debuggable ? "development" : "ad_hoc";
}

/** Tells whether a profile is for an app; an identifier without prefix cannot be compared. */
export function profileFits(profile: Profile, bundleId: string): boolean {
  const id = profile.applicationId;
  if (id === null || !id.includes(".")) return true;
  const pattern = id.slice(id.indexOf(".") + 1);
  return pattern.endsWith("*") ? bundleId.startsWith(pattern.slice(0, -1)) : pattern === bundleId;
}

/** How a file can reach a phone at best, in the words of the install policy; a file that no profile carries is only a file. */
export function installMode(
  profile: Profile | null,
  isSimulator: boolean,
): "testflight" | "enterprise" | "artifact_only" {
  if (profile === null || isSimulator || profile.kind === "development") return "artifact_only";
  return profile.kind === "app_store" ? "testflight" : "enterprise";
}

/** A profile as facts say it. */
export function profileFact(profile: Profile): Data {
  return {
    kind: profile.kind,
    name: profile.name,
    uuid: profile.uuid,
    team_id: profile.teamId,
    team_name: profile.teamName,
    application_id: profile.applicationId,
    expires_at: profile.expiresAt,
    devices: profile.devices,
  };
}
