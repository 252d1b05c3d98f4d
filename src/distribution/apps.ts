import type { Oid } from "../kernel/oid.ts";
import type { Act } from "../kernel/act.ts";
import { isRefused, type Reason, reason, type Refused, refuse } from "../kernel/errors.ts";
import type { AppV1, PolicyV1 } from "../schema/types.gen.ts";
import type { Plan } from "../state/plan.ts";
import { type AppChange, appProblem, changedApp, newApp } from "./core/app-plan.ts";
import { admit, type Desk, write } from "./desk.ts";
import { findApp, unknownApp } from "./find-release.ts";

/** An app that was made or changed, or found to be so already. */
export interface AppDone {
  readonly app: AppV1;
  readonly changed: boolean;
  readonly commit: Oid | null;
  readonly warnings: readonly Reason[];
}

/** Makes an app. The same again changes nothing; another one of that slug is `app.exists`. One commit, or none. */
export async function createApp(desk: Desk, slug: string, change: AppChange): Promise<AppDone | Refused> {
  const admitted = await admit(desk, "dist app create", { scope: "apps:write", app: slug });
  if (isRefused(admitted)) return admitted;
  const policy = admitted.decisions.policy.document;
  const done = await write(
    desk,
    admitted,
    (facts) => findApp(facts, slug),
    (found, act) => planAppCreate(found, policy, slug, change, act),
  );
  return isRefused(done) ? done : { ...done.result, commit: done.commit, warnings: admitted.warnings };
}

/** Changes an app; what is so already is left alone. One commit, or none. */
export async function setApp(desk: Desk, slug: string, change: AppChange): Promise<AppDone | Refused> {
  const admitted = await admit(desk, "dist app set", { scope: "apps:write", app: slug });
  if (isRefused(admitted)) return admitted;
  const done = await write(
    desk,
    admitted,
    async (facts) => (await findApp(facts, slug)) ?? unknownApp(facts, slug),
    (found, act) => (isRefused(found) ? found : planAppSet(found, change, act)),
  );
  return isRefused(done) ? done : { ...done.result, commit: done.commit, warnings: admitted.warnings };
}

type Planned = Pick<AppDone, "app" | "changed">;

/** Plans a new app, as policy says who may make one. */
function planAppCreate(
  found: AppV1 | undefined,
  policy: PolicyV1,
  slug: string,
  change: AppChange,
  act: Act,
): Plan<Planned> | Refused {
  if (found !== undefined) {
    if (isSame(changedApp(found, change), found))
      return { writes: [], events: [], result: { app: found, changed: false } };
    const hint = `dist app set ${slug}`;
    return refuse(reason("app.exists", `There is an app ${slug} already`, { app: slug }, hint));
  }
  const app = newApp(slug, change, act);
  const problem = appProblem(app) ?? creatable(policy, slug);
  if (problem !== null) return refuse(problem);
  return { ...appWrite(app, "app.created"), result: { app, changed: true } };
}

/** Says why policy lets nobody make an app of this slug; null where it does. With `proposal` an app must be named in policy. */
export function creatable(policy: PolicyV1, slug: string): Reason | null {
  if (policy.apps.create !== "proposal" || Object.hasOwn(policy.apps, slug)) return null;
  const message = `Policy lets nobody make the app ${slug} before it is named there`;
  return reason("app.not_creatable", message, { app: slug }, `Propose it: dist channel set ${slug} --channel stable`);
}

/** The document of an app and its event. */
export function appWrite(app: AppV1, action: "app.created" | "app.updated"): Pick<Plan<null>, "writes" | "events"> {
  return {
    writes: [{ name: "app.v1", key: { slug: app.slug }, document: app }],
    events: [{ action, target: ["app", app.slug], metadata: { app: app.slug } }],
  };
}

/** Plans a change of an app. */
export function planAppSet(found: AppV1, change: AppChange, act: Act): Plan<Planned> | Refused {
  const app = changedApp(found, change);
  if (isSame(app, found)) return { writes: [], events: [], result: { app: found, changed: false } };
  const problem = appProblem(app);
  if (problem !== null) return refuse(problem);
  const updated = { ...app, updated_at: act.at };
  return { ...appWrite(updated, "app.updated"), result: { app: updated, changed: true } };
}

function isSame(a: AppV1, b: AppV1): boolean {
  return JSON.stringify(a, sortedKeys) === JSON.stringify(b, sortedKeys);
}

/** Sorts the members of `bundle_ids`, whose order says nothing. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
