import { ownersErrors, ownersLines } from "../model/codeowners.ts";
import { codeownersOf, mayOwn } from "../model/pull-merge.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { empty, found, json, notFound } from "./answers.ts";
import { fields, flag, param, text } from "./body.ts";
import { repoPage, repoUrl } from "./show-repository.ts";

/** Settings that doctor reads and `init --github` writes. */
export const settings: Routes = {
  "repos/check-immutable-releases": checkImmutable,
  "repos/enable-immutable-releases": (call) => setImmutable(call, true),
  "repos/disable-immutable-releases": (call) => setImmutable(call, false),
  "actions/get-github-actions-permissions-repository": actionsPermissions,
  "actions/get-github-actions-default-workflow-permissions-repository": workflowPermissions,
  "actions/set-github-actions-default-workflow-permissions-repository": setWorkflowPermissions,
  "repos/codeowners-errors": codeownersErrors,
  "repos/get-pages": pages,
  "repos/get-latest-pages-build": latestBuild,
  "repos/list-attestations": attestations,
};

function checkImmutable(call: Call): Reply {
  const { immutable } = call.repo.features.releases;
  const isOn = immutable.enabled || immutable.enforcedByOwner;
  if (!isOn && call.repo.features.settings.immutableOffStatus === 404) throw notFound();
  return json({ enabled: isOn, enforced_by_owner: immutable.enforcedByOwner });
}

function setImmutable(call: Call, enabled: boolean): Reply {
  call.repo.features.releases.immutable.enabled = enabled;
  return empty();
}

function actionsPermissions(call: Call): Reply {
  const { actionsEnabled, allowedActions } = call.repo.features.settings;
  return json({ enabled: actionsEnabled, ...(actionsEnabled ? { allowed_actions: allowedActions } : {}) });
}

function workflowPermissions(call: Call): Reply {
  const { workflowPermissions: level, canApprove } = call.repo.features.settings;
  return json({ default_workflow_permissions: level, can_approve_pull_request_reviews: canApprove });
}

function setWorkflowPermissions(call: Call): Reply {
  const body = fields(call);
  const state = call.repo.features.settings;
  const level = text(body, "default_workflow_permissions");
  if (level === "read" || level === "write") state.workflowPermissions = level;
  state.canApprove = flag(body, "can_approve_pull_request_reviews") ?? state.canApprove;
  return empty();
}

async function codeownersErrors(call: Call): Promise<Reply> {
  const ref = call.query.get("ref") ?? call.repo.defaultBranch;
  const commit = found((await call.repo.commitOf(`refs/heads/${ref}`)) ?? (await call.repo.commitOf(ref)));
  const file = found(await codeownersOf(call.repo, commit));
  const errors = ownersErrors(ownersLines(file.text), (owner) => mayOwn(call, owner), file.path);
  return json({ errors: errors.map((error) => ({ ...error, path: file.path })) });
}

function pages(call: Call): Reply {
  const site = found(call.repo.features.settings.pages);
  return json({
    url: `${repoUrl(call.repo, call.world)}/pages`,
    status: "built",
    cname: site.cname,
    custom_404: false,
    html_url: site.cname === null ? `${repoPage(call.repo, call.world)}/pages/` : `https://${site.cname}/`,
    build_type: site.buildType,
    source: { branch: site.branch, path: site.path },
    public: true,
    https_enforced: site.httpsEnforced,
  });
}

async function latestBuild(call: Call): Promise<Reply> {
  const site = found(call.repo.features.settings.pages);
  const commit = found(await call.repo.ref(`refs/heads/${site.branch}`));
  const at = call.world.timestamp();
  const url = `${repoUrl(call.repo, call.world)}/pages/builds/latest`;
  return json({
    url,
    status: "built",
    error: { message: null },
    pusher: null,
    commit,
    duration: 0,
    created_at: at,
    updated_at: at,
  });
}

/** GitHub's short names of predicate types. */
const PREDICATES: Readonly<Record<string, string>> = {
  provenance: "https://slsa.dev/provenance/",
  release: "https://in-toto.io/attestation/release/",
  sbom: "https://spdx.dev/Document",
};

function attestations(call: Call): Reply {
  const digest = param(call, "subject_digest");
  const type = call.query.get("predicate_type");
  const rows = call.repo.features.settings.attestations.filter(
    (one) => one.digest === digest && (type === null || one.predicateType.startsWith(PREDICATES[type] ?? type)),
  );
  return json({
    attestations: rows.map((one) => ({ bundle: one.bundle, repository_id: call.repo.id, bundle_url: "" })),
  });
}
