import type { Routes } from "../route.ts";
import { actions } from "./actions.ts";
import { answered } from "./answered.ts";
import { assets } from "./assets.ts";
import { commits } from "./commits.ts";
import { contentWrites } from "./content-writes.ts";
import { contents } from "./contents.ts";
import { issues } from "./issues.ts";
import { merges } from "./merges.ts";
import { pulls } from "./pulls.ts";
import { releases } from "./releases.ts";
import { repos } from "./repos.ts";
import { reviews } from "./reviews.ts";
import { rulesets } from "./rulesets.ts";
import { settings } from "./settings.ts";
import { statuses } from "./statuses.ts";
import { timeline } from "./timeline.ts";
import { users } from "./users.ts";

/** Every operation of the features, by `operationId`; refusals are answers already. */
export const routes: Routes = answered({
  ...releases,
  ...assets,
  ...statuses,
  ...pulls,
  ...merges,
  ...reviews,
  ...issues,
  ...timeline,
  ...rulesets,
  ...settings,
  ...actions,
  ...users,
  ...repos,
  ...contents,
  ...contentWrites,
  ...commits,
});
