import type { Act } from "../../kernel/act.ts";
import { type Reason, reason, type Refused, refuse } from "../../kernel/errors.ts";
import type { AppV1, PolicyV1, ReleaseV1 } from "../../schema/types.gen.ts";
import type { Plan } from "../../state/plan.ts";
import type { View } from "../../state/view.ts";
import { appWrite, creatable } from "../apps.ts";
import { appProblem, newApp } from "../core/app-plan.ts";
import { caseProblem, judgeIntent } from "../core/intent-plan.ts";
import type { Manifest } from "../core/manifest.ts";
import { draftRelease, type Request } from "../core/release-draft.ts";
import { referenceOf, releaseKey } from "../core/release-path.ts";

/** What an intent depends on. */
export interface IntentSeen {
  readonly app: AppV1 | undefined;
  readonly found: ReleaseV1 | undefined;
  /** Names in the folder of the release, for versions that differ by case. */
  readonly names: readonly string[];
}

/** What became of the intent. */
export interface IntentDone {
  readonly outcome: "created" | "resumed" | "unmodified";
  readonly appCreated: boolean;
  readonly app: AppV1;
  /** The draft, or the release that was published before. */
  readonly release: ReleaseV1;
}

/** Reads what an intent depends on. */
export async function readIntent(facts: View, { app, version, build }: Manifest): Promise<IntentSeen> {
  const key = releaseKey(app, version, build);
  return {
    app: await facts.find("app.v1", { slug: app }),
    found: await facts.find("release.v1", key),
    names: await facts.names(`dist/apps/${app}/releases/${key.folder}`),
  };
}

/** The app that a publish is for: the one that is there, or the one that it makes, where policy lets it. */
export function appOf(seen: Pick<IntentSeen, "app">, manifest: Manifest, policy: PolicyV1, act: Act): AppV1 | Refused {
  if (seen.app !== undefined) return seen.app;
  const app = newApp(manifest.app, manifest.displayName === null ? {} : { displayName: manifest.displayName }, act);
  const problem = appProblem(app) ?? creatable(policy, app.slug);
  return problem === null ? app : refuse(problem);
}

/** Plans the intent: app where it is new, draft release, and the end of an intent that it takes the place of. */
export function planIntent(
  seen: IntentSeen,
  app: AppV1,
  request: Request,
  act: Act,
  options: { readonly takeOver: boolean; readonly manifest: string; readonly driver: "file" | "forge_asset" },
): Plan<IntentDone> | Refused {
  const { manifest } = request;
  const problem = platformProblem(app, request, options.manifest) ?? caseProblem(seen.names, app.slug, manifest);
  if (problem !== null) return refuse(problem);
  const intent = judgeIntent(seen.found, request, act, { takeOver: options.takeOver, at: options.manifest });
  const base = { app, appCreated: seen.app === undefined };
  if (intent.is === "refused") return refuse(intent.reason);
  if (intent.is !== "new")
    return { writes: [], events: [], result: { ...base, outcome: intent.is, release: intent.release } };
  const release = draftRelease(request, options.driver, act);
  const made = seen.app === undefined ? appWrite(app, "app.created") : { writes: [], events: [] };
  return {
    writes: [
      ...made.writes,
      { name: "release.v1", key: releaseKey(app.slug, release.version, release.build), document: release },
    ],
    events: [...made.events, ...abandoned(intent.abandons), draftEvent(release)],
    subject: `release.draft_created ${referenceOf(app.slug, release)}`,
    result: { ...base, outcome: "created", release },
  };
}

function platformProblem(app: AppV1, { manifest }: Request, at: string): Reason | null {
  if (app.platforms.length === 0) return null;
  const row = manifest.rows.find(({ platform }) => !app.platforms.includes(platform));
  if (row === undefined) return null;
  const message = `${app.slug} is not made for ${row.platform}`;
  const data = { at: `${at}#${row.pointer}/platform`, value: row.platform, allowed: [...app.platforms] };
  const flags = [...app.platforms, row.platform].map((name) => `--platform ${name}`).join(" ");
  return reason("dist.platform.not_allowed", message, data, `dist app set ${app.slug} ${flags}`);
}

function draftEvent(release: ReleaseV1): Plan<null>["events"][number] {
  const metadata = {
    app: release.app_id,
    version: release.version,
    build: release.build,
    artifacts: release.artifacts.length,
  };
  return { action: "release.draft_created", target: ["release", release.id], metadata };
}

function abandoned(release: ReleaseV1 | null): Plan<null>["events"] {
  if (release === null) return [];
  const metadata = {
    app: release.app_id,
    version: release.version,
    build: release.build,
    why: "published again with other files",
  };
  return [{ action: "release.abandoned", target: ["release", release.id], metadata }];
}
