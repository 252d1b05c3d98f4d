import type { Routes } from "../route.ts";
import { answered } from "./answered.ts";
import { assets } from "./assets.ts";
import { issues } from "./issues.ts";
import { merges } from "./merges.ts";
import { pulls } from "./pulls.ts";
import { releases } from "./releases.ts";
import { reviews } from "./reviews.ts";
import { statuses } from "./statuses.ts";

/** Every operation of the features, by `operationId`; refusals are answers already. */
export const routes: Routes = answered({
  ...releases,
  ...assets,
  ...statuses,
  ...pulls,
  ...merges,
  ...reviews,
  ...issues,
});
