import { reason, type Refused, refuse } from "../src/kernel/errors.ts";
import { printable } from "../src/kernel/text.ts";
import type { AppChange } from "../src/distribution/core/app-plan.ts";
import { isPlatform, PLATFORMS } from "../src/distribution/core/platform.ts";
import type { AppV1, Platform } from "../src/schema/types.gen.ts";
import { type Args, listOf } from "./command.ts";

const VISIBILITIES: readonly AppV1["visibility"][] = ["public", "unlisted", "private"];
const IOS_MODES: readonly AppV1["ios_mode"][] = ["testflight", "enterprise", "artifact_only"];

/** Reads the flags of an app. Refuses with `usage.invalid_argument` and names what is known. */
export function appChange(args: Args): AppChange | Refused {
  const visibility = VISIBILITIES.find((known) => known === args["visibility"]);
  const iosMode = IOS_MODES.find((known) => known === args["ios-mode"]);
  if (args["visibility"] !== undefined && visibility === undefined)
    return unknown("visibility", args["visibility"], VISIBILITIES);
  if (args["ios-mode"] !== undefined && iosMode === undefined) return unknown("iOS mode", args["ios-mode"], IOS_MODES);
  const platforms: Platform[] = [];
  for (const name of listOf(args["platform"])) {
    if (!isPlatform(name)) return unknown("platform", name, PLATFORMS);
    platforms.push(name);
  }
  const bundleIds = new Map<Platform, string | null>();
  for (const pair of listOf(args["bundle-id"])) {
    const at = pair.indexOf("=");
    const platform = pair.slice(0, Math.max(at, 0));
    if (!isPlatform(platform)) return unknown("<platform>=<id>", pair, PLATFORMS);
    bundleIds.set(platform, pair.slice(at + 1) || null);
  }
  return {
    ...textOf(args, "name", "displayName"),
    ...textOf(args, "owner", "owner"),
    ...textOf(args, "testflight-url", "testflightUrl"),
    ...(visibility === undefined ? {} : { visibility }),
    ...(iosMode === undefined ? {} : { iosMode }),
    ...(platforms.length === 0 ? {} : { platforms }),
    ...(bundleIds.size === 0 ? {} : { bundleIds }),
  };
}

function textOf<K extends "displayName" | "owner" | "testflightUrl">(
  args: Args,
  flag: string,
  member: K,
): { readonly [P in K]?: string } {
  const value = args[flag];
  const found: { [P in K]?: string } = {};
  if (typeof value === "string") found[member] = value;
  return found;
}

function unknown(what: string, given: unknown, known: readonly string[]): Refused {
  const message = `"${printable(String(given))}" is no ${what}`;
  return refuse(
    reason("usage.invalid_argument", message, { given: printable(String(given)) }, `Known: ${known.join(" ")}`),
  );
}
