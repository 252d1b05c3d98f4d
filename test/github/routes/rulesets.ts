import { type BypassActor, type FakeRule, type FakeRuleset, rulesetsOf } from "../model/rulesets.ts";
import { callerRole, reaches } from "../model/rights.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { rulesetsAgainst } from "../rules.ts";
import { empty, found, invalid, json, page, refusal, seen } from "./answers.ts";
import { type Fields, fields, id, isFields, param, text, texts } from "./body.ts";
import { repoPage, repoUrl } from "./show-repository.ts";
import { nodeId } from "./show-user.ts";

/** Rulesets, and the rules that a branch has from them. */
export const rulesets: Routes = {
  "repos/get-repo-rulesets": list,
  "repos/create-repo-ruleset": create,
  "repos/get-repo-ruleset": (call) => json(showWhole(rulesetOf(call), call)),
  "repos/update-repo-ruleset": update,
  "repos/delete-repo-ruleset": remove,
  "repos/get-branch-rules": branchRules,
  "repos/get-branch-protection": () => {
    throw refusal(404, "Branch not protected");
  },
};

/** A private repository of a free plan has no rulesets, and GitHub says what to do about it. */
function refuseFreePlan(call: Call): void {
  if (!call.repo.private || call.repo.features.settings.plan !== "free") return;
  throw seen(refusal(403, "Upgrade to GitHub Pro or make this repository public to enable this feature."));
}

function rulesetOf(call: Call): FakeRuleset {
  refuseFreePlan(call);
  return found(call.repo.features.rulesets.find((one) => one.id === id(call, "ruleset_id")));
}

function list(call: Call): Reply {
  refuseFreePlan(call);
  return page(call, call.repo.features.rulesets, (one) => showShort(one, call));
}

function create(call: Call): Reply {
  refuseFreePlan(call);
  const body = fields(call);
  const name = text(body, "name") ?? "";
  if (call.repo.features.rulesets.some((one) => one.name === name))
    throw seen(invalid("RepositoryRuleset", "name", "custom", "Name must be unique"));
  const at = call.world.timestamp();
  const made: FakeRuleset = {
    id: call.world.nextId(),
    name,
    target: text(body, "target") ?? "branch",
    enforcement: text(body, "enforcement") ?? "active",
    ...conditionsOf(body),
    rules: rulesOf(body),
    bypass: bypassOf(body),
    createdAt: at,
    updatedAt: at,
  };
  call.repo.features.rulesets.push(made);
  return json(showWhole(made, call), 201);
}

function update(call: Call): Reply {
  const one = rulesetOf(call);
  const body = fields(call);
  one.name = text(body, "name") ?? one.name;
  one.target = text(body, "target") ?? one.target;
  one.enforcement = text(body, "enforcement") ?? one.enforcement;
  if (body["conditions"] !== undefined) Object.assign(one, conditionsOf(body));
  if (body["rules"] !== undefined) one.rules = rulesOf(body);
  if (body["bypass_actors"] !== undefined) one.bypass = bypassOf(body);
  one.updatedAt = call.world.timestamp();
  return json(showWhole(one, call));
}

function remove(call: Call): Reply {
  const all = call.repo.features.rulesets;
  all.splice(all.indexOf(rulesetOf(call)), 1);
  return empty();
}

function conditionsOf(body: Fields): Pick<FakeRuleset, "exclude" | "include"> {
  const conditions = isFields(body["conditions"]) ? body["conditions"] : {};
  const names = isFields(conditions["ref_name"]) ? conditions["ref_name"] : {};
  return { include: texts(names, "include"), exclude: texts(names, "exclude") };
}

function listOf(body: Fields, name: string): readonly Fields[] {
  const rows: unknown = body[name];
  return Array.isArray(rows) ? rows.filter((row: unknown): row is Fields => isFields(row)) : [];
}

function rulesOf(body: Fields): readonly FakeRule[] {
  return listOf(body, "rules").map((row) => ({
    type: text(row, "type") ?? "",
    ...(isFields(row["parameters"]) ? { parameters: row["parameters"] } : {}),
  }));
}

function bypassOf(body: Fields): readonly BypassActor[] {
  return listOf(body, "bypass_actors").map((row) => ({
    actor_id: typeof row["actor_id"] === "number" ? row["actor_id"] : null,
    actor_type: text(row, "actor_type") ?? "",
    bypass_mode: text(row, "bypass_mode") ?? "always",
  }));
}

function showShort(one: FakeRuleset, call: Call): Readonly<Record<string, unknown>> {
  return {
    id: one.id,
    name: one.name,
    target: one.target,
    source_type: "Repository",
    source: call.repo.fullName,
    enforcement: one.enforcement,
    node_id: nodeId("RRS", one.id),
    _links: {
      self: { href: `${repoUrl(call.repo, call.world)}/rulesets/${one.id}` },
      html: { href: `${repoPage(call.repo, call.world)}/rules/${one.id}` },
    },
    created_at: one.createdAt,
    updated_at: one.updatedAt,
  };
}

/** A ruleset with its rules; who may pass it by is told only to those who may change it. */
function showWhole(one: FakeRuleset, call: Call): Readonly<Record<string, unknown>> {
  const isAdmin = reaches(callerRole(call.repo, call.caller), "admin");
  return {
    ...showShort(one, call),
    conditions: { ref_name: { include: one.include, exclude: one.exclude } },
    rules: one.rules,
    ...(isAdmin ? { bypass_actors: one.bypass } : {}),
    current_user_can_bypass: canBypass(one, call),
  };
}

function canBypass(one: FakeRuleset, call: Call): string {
  const ref = `refs/heads/${one.include[0]?.replace(/^refs\/heads\//, "") ?? call.repo.defaultBranch}`;
  const isHeld = (pull: number | undefined): boolean =>
    rulesetsAgainst(
      call.repo,
      { ref, from: null, to: null, ...(pull === undefined ? {} : { pull }) },
      call.caller,
    ).includes(one);
  if (call.caller === null || isHeld(0)) return "never";
  return isHeld(undefined) ? "pull_requests_only" : "always";
}

function branchRules(call: Call): Reply {
  refuseFreePlan(call);
  const ref = `refs/heads/${param(call, "branch")}`;
  const rows = rulesetsOf(call.repo.features.rulesets, ref, call.repo.defaultBranch).flatMap((one) =>
    one.rules.map((rule) => ({
      ...rule,
      ruleset_source_type: "Repository",
      ruleset_source: call.repo.fullName,
      ruleset_id: one.id,
    })),
  );
  return page(call, rows, (row) => row);
}
