import { Issues } from "./issues.ts";
import { Pulls } from "./pulls.ts";
import { Releases } from "./releases.ts";
import type { FakeRuleset } from "./rulesets.ts";
import { Settings } from "./settings.ts";
import { Statuses } from "./statuses.ts";

/** Everything that a repository of the stand-in holds beside git. */
export class Features {
  readonly releases = new Releases();
  readonly statuses = new Statuses();
  readonly issues = new Issues();
  readonly pulls = new Pulls();
  readonly rulesets: FakeRuleset[] = [];
  readonly settings = new Settings();
}
