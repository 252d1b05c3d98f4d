import type { Act } from "../../kernel/act.ts";
import { type Reason, reason } from "../../kernel/errors.ts";
import { isOneLine } from "../../kernel/text.ts";
import type { AppV1, Platform } from "../../schema/types.gen.ts";
import { SLUG } from "./manifest.ts";

/** What may be said of an app; members that are not given stay as they are. */
export interface AppChange {
  readonly displayName?: string;
  readonly owner?: string;
  readonly visibility?: AppV1["visibility"];
  readonly platforms?: readonly Platform[];
  /** Null takes the rule of a platform away. */
  readonly bundleIds?: ReadonlyMap<Platform, string | null>;
  readonly iosMode?: AppV1["ios_mode"];
  readonly testflightUrl?: string | null;
}

/** A new app with its defaults: private, artifact only, all platforms. Its id is its slug. */
export function newApp(slug: string, change: AppChange, act: Act): AppV1 {
  const app: AppV1 = {
    schema: "app.v1",
    id: slug,
    slug,
    display_name: slug,
    owner: act.actor.name,
    visibility: "private",
    platforms: [],
    bundle_ids: {},
    ios_mode: "artifact_only",
    testflight_url: null,
    created_at: act.at,
    updated_at: act.at,
  };
  return changedApp(app, change);
}

/** The app after a change, its times left as they were. */
export function changedApp(app: AppV1, change: AppChange): AppV1 {
  return {
    ...app,
    display_name: change.displayName ?? app.display_name,
    owner: change.owner ?? app.owner,
    visibility: change.visibility ?? app.visibility,
    platforms: change.platforms === undefined ? app.platforms : [...new Set(change.platforms)].toSorted(),
    bundle_ids: bundleIds(app, change),
    ios_mode: change.iosMode ?? app.ios_mode,
    testflight_url: change.testflightUrl === undefined ? app.testflight_url : change.testflightUrl,
  };
}

function bundleIds(app: AppV1, { bundleIds: given }: AppChange): AppV1["bundle_ids"] {
  const ids = new Map(Object.entries(app.bundle_ids));
  for (const [platform, id] of given ?? []) {
    if (id === null) ids.delete(platform);
    else ids.set(platform, id);
  }
  return Object.fromEntries(ids);
}

const TESTFLIGHT = /^https:\/\/testflight\.apple\.com\/[!-~]+$/;

/** Says what is wrong with an app as it would be; null where it may be so. */
export function appProblem(app: AppV1): Reason | null {
  if (!SLUG.takes(app.slug))
    return reason("usage.invalid_argument", `The slug of an app is ${SLUG.says}`, { app: app.slug.slice(0, 100) });
  for (const [what, text] of [["name", app.display_name], ["owner", app.owner], ...Object.entries(app.bundle_ids)]) {
    if (text === undefined || text === "" || text.length > 200 || !isOneLine(text))
      return reason("usage.invalid_argument", `The ${what} of an app is one line of text`);
  }
  return iosProblem(app);
}

function iosProblem(app: AppV1): Reason | null {
  const unavailable = (message: string, hint: string) =>
    reason("dist.ios.mode_unavailable", message, { app: app.slug, ios_mode: app.ios_mode }, hint);
  if (app.testflight_url !== null && !TESTFLIGHT.test(app.testflight_url))
    return reason("usage.invalid_argument", "A TestFlight link begins with https://testflight.apple.com/");
  if (app.ios_mode === "testflight" && app.testflight_url === null)
    return unavailable(
      "The mode testflight needs a TestFlight link",
      "Add --testflight-url https://testflight.apple.com/join/…",
    );
  if (app.ios_mode === "enterprise" && !Object.hasOwn(app.bundle_ids, "ios"))
    return unavailable("The mode enterprise needs the bundle id of the app", "Add --bundle-id ios=<id>");
  return null;
}
