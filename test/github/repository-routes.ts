import { rulesetsOf } from "./model/rulesets.ts";
import type { Call, Reply, Routes } from "./route.ts";
import { found, json, page } from "./routes/answers.ts";
import { param } from "./routes/body.ts";
import { showCommit } from "./routes/show-commit.ts";
import { showFullRepository } from "./routes/show-repository.ts";
import { refSeen, refsSeen } from "./stale.ts";

/** What the API says of a repository as a whole, and of its branches. */
export const repositoryRoutes: Routes = {
  "repos/get": (call) => json(showFullRepository(call.repo, call)),
  "repos/list-branches": listBranches,
  "repos/get-branch": getBranch,
  "rate-limit/get": (call) => {
    const [core, graphql] = (["core", "graphql"] as const).map((resource) =>
      call.world.rate.show(call.caller, call.world.now(), resource),
    );
    return json({ resources: { core, search: core, graphql }, rate: core });
  },
};

async function listBranches(call: Call): Promise<Reply> {
  const wanted = call.query.get("protected");
  const all = (await refsSeen(call.repo, "refs/heads/", call.isStale)).map(({ ref, oid }) => ({
    name: ref.slice("refs/heads/".length),
    commit: { sha: oid, url: `${call.world.urls.api}/repos/${call.repo.fullName}/commits/${oid}` },
    protected: isProtected(call, ref),
  }));
  const rows = all.filter((each) => wanted === null || String(each.protected) === wanted);
  return page(call, rows, (each) => each);
}

async function getBranch(call: Call): Promise<Reply> {
  const name = param(call, "branch");
  const oid = found(await refSeen(call.repo, `refs/heads/${name}`, call.isStale));
  const self = `${call.world.urls.api}/repos/${call.repo.fullName}/branches/${encodeURIComponent(name)}`;
  return json({
    name,
    commit: await showCommit(call, oid),
    _links: { self, html: `${call.world.urls.server}/${call.repo.fullName}/tree/${name}` },
    protected: isProtected(call, `refs/heads/${name}`),
    protection: { enabled: false, required_status_checks: { enforcement_level: "off", contexts: [], checks: [] } },
    protection_url: `${self}/protection`,
  });
}

/** A branch that an active ruleset names shows as protected. */
function isProtected(call: Call, ref: string): boolean {
  return rulesetsOf(call.repo.features.rulesets, ref, call.repo.defaultBranch).length > 0;
}
