import type { Routes } from "../route.ts";
import { answered } from "./answered.ts";
import { assets } from "./assets.ts";
import { releases } from "./releases.ts";
import { statuses } from "./statuses.ts";

/** Every operation of the features, by `operationId`; refusals are answers already. */
export const routes: Routes = answered({ ...releases, ...assets, ...statuses });
