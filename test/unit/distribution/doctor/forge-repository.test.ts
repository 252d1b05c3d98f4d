import { describe, expect, it } from "vitest";
import { actionsPermissions } from "../../../../src/distribution/doctor/actions-permissions.ts";
import { actionsPullRequests } from "../../../../src/distribution/doctor/actions-pull-requests.ts";
import type { DoctorCheck } from "../../../../src/distribution/doctor/check.ts";
import { clockSane } from "../../../../src/distribution/doctor/clock-sane.ts";
import { pagesDomain } from "../../../../src/distribution/doctor/pages-domain.ts";
import { policyAccounts } from "../../../../src/distribution/doctor/policy-accounts.ts";
import { refsTags } from "../../../../src/distribution/doctor/refs-tags.ts";
import { releasesImmutable } from "../../../../src/distribution/doctor/releases-immutable.ts";
import { repositoryPlan } from "../../../../src/distribution/doctor/repository-plan.ts";
import { rootPinned } from "../../../../src/distribution/doctor/root-pinned.ts";
import { scopeForeign } from "../../../../src/distribution/doctor/scope-foreign.ts";
import { statePrivacy } from "../../../../src/distribution/doctor/state-privacy.ts";
import { tokenPermissions } from "../../../../src/distribution/doctor/token-permissions.ts";
import type { ForgeRepository, ForgeSettings, PagesSettings } from "../../../../src/ports/forge-settings.ts";
import { DECISIONS, STATE } from "../../../../src/state/branches.ts";
import { containing, examineBy } from "../../../support/examine.ts";
import {
  healthyForge,
  kept,
  noPermission,
  noPlan,
  repositoryFact,
  strictReviews,
} from "../../../support/healthy-forge.ts";
import { readingWorld } from "../../../support/reading-world.ts";
import { makeWorld, TEST_NOW } from "../../../support/world.ts";

function found(check: DoctorCheck, given: Partial<ForgeSettings> = {}) {
  return examineBy(check, makeWorld({ forgeSettings: healthyForge(given) }));
}

function repository(given: Partial<ForgeRepository>): Partial<ForgeSettings> {
  return { repository: async () => ({ ...repositoryFact, ...given }) };
}

async function inWorld(check: DoctorCheck, forgeSettings: ForgeSettings, proof: "recorded" | "signed" = "recorded") {
  return examineBy(check, { ...(await readingWorld(proof)), forgeSettings });
}

const workflows = { areEnabled: true, mayOpenAndApprove: true, defaultToken: "read" } as const;

describe("actions.pull_requests", () => {
  it("finds nothing wrong where workflows may open them and code owners must approve", async () => {
    expect(await found(actionsPullRequests)).toEqual([]);
  });

  it("warns where workflows may not, with the setting", async () => {
    const workflowSettings = async () => ({ said: { ...workflows, mayOpenAndApprove: false } });
    expect(await found(actionsPullRequests, { workflowSettings })).toMatchObject([
      { status: "warn", message: containing("exits 3"), fix: containing("create and approve pull requests") },
    ]);
  });

  it("warns where an approval of a bot would be enough, and what that is worth", async () => {
    const pullRequest = { ...strictReviews, codeOwnerReview: false };
    for (const rules of [noPermission, { said: { ...kept, pullRequest } }]) {
      const forgeSettings = healthyForge({}, { [DECISIONS]: rules });
      expect(await examineBy(actionsPullRequests, makeWorld({ forgeSettings }))).toMatchObject([
        { status: "warn", message: containing("a bot's approval counts"), fix: containing("code owners") },
      ]);
    }
  });
});

it("actions.permissions warns where every workflow may write, and is unknown without administration", async () => {
  expect(await found(actionsPermissions)).toEqual([]);
  const workflowSettings = async () => ({ said: { ...workflows, areEnabled: false, defaultToken: "write" as const } });
  expect(await found(actionsPermissions, { workflowSettings })).toMatchObject([
    { status: "fail", message: containing("switched off") },
    { status: "warn" },
  ]);
  const hidden = { workflowSettings: async () => noPermission };
  for (const check of [actionsPermissions, actionsPullRequests])
    expect(await found(check, hidden)).toMatchObject([{ status: "unknown" }]);
});

describe("repository.plan", () => {
  const free = healthyForge({}, { [DECISIONS]: noPlan });

  it("finds nothing wrong where rules are enforced", async () => {
    expect(await inWorld(repositoryPlan, healthyForge())).toEqual([]);
  });

  it("fails where nothing enforces rules and plain evidence counts, and only warns where signatures do", async () => {
    expect(await inWorld(repositoryPlan, free)).toMatchObject([{ status: "fail", fix: containing("proof signed") }]);
    expect(await inWorld(repositoryPlan, free, "signed")).toMatchObject([{ status: "warn" }]);
  });

  it("fails for an archived repository", async () => {
    const archived = healthyForge(repository({ isArchived: true }));
    expect(await inWorld(repositoryPlan, archived)).toMatchObject([
      { status: "fail", message: containing("archived") },
    ]);
  });
});

it("releases.immutable warns where the setting is off, and does not take unknown for off", async () => {
  for (const said of ["on", "enforced"] as const)
    expect(await found(releasesImmutable, { immutableReleases: async () => ({ said }) })).toEqual([]);
  expect(await found(releasesImmutable, { immutableReleases: async () => ({ said: "off" }) })).toMatchObject([
    { status: "warn", fix: containing("Enable release immutability") },
  ]);
  expect(await found(releasesImmutable, { immutableReleases: async () => noPermission })).toMatchObject([
    { status: "unknown" },
  ]);
});

describe("token.permissions", () => {
  it("finds nothing wrong with a token that may push and read", async () => {
    expect(await found(tokenPermissions)).toEqual([]);
    expect(await found(tokenPermissions, repository({ scopes: ["repo", "gist"] }))).toEqual([]);
  });

  it("warns of each permission that is missing, and is unknown where nothing is said", async () => {
    const refusedPermissions = async () => ["pull_requests"];
    const token = { admin: false, push: false };
    expect(await found(tokenPermissions, { ...repository({ token }), refusedPermissions })).toMatchObject([
      { status: "warn", message: containing("may not push") },
      { status: "warn", message: containing("pull_requests"), fix: containing("pull-requests: read") },
    ]);
    expect(await found(tokenPermissions, repository({ scopes: ["gist"] }))).toMatchObject([{ status: "warn" }]);
    expect(await found(tokenPermissions, repository({ token: null }))).toMatchObject([{ status: "unknown" }]);
  });
});

describe("pages.domain", () => {
  const good: PagesSettings = {
    url: "https://notes.acme.example/",
    domain: "notes.acme.example",
    isHttpsEnforced: true,
    domainState: "verified",
    certificate: "approved",
  };
  const pages = (given: Partial<PagesSettings>) =>
    found(pagesDomain, { pages: async () => ({ said: { ...good, ...given } }) });

  it("finds nothing wrong without pages, and with a domain that is proven and served over https", async () => {
    expect(await found(pagesDomain)).toEqual([]);
    expect(await pages({})).toEqual([]);
  });

  it("warns where there is no domain or no proof of it, and fails without https", async () => {
    expect(await pages({ domain: null, domainState: null })).toMatchObject([{ status: "warn" }]);
    expect(await pages({ domainState: "pending" })).toMatchObject([
      { status: "warn", message: containing("take it over") },
    ]);
    expect(await pages({ isHttpsEnforced: false })).toMatchObject([{ status: "fail" }]);
    expect(await pages({ certificate: "bad_authz" })).toMatchObject([{ status: "fail" }]);
    expect(await found(pagesDomain, { pages: async () => noPermission })).toMatchObject([{ status: "unknown" }]);
  });
});

describe("state.privacy", () => {
  it("fails only where deliveries lie in a public repository", async () => {
    const world = await readingWorld();
    const act = world.acts.begin({ kind: "human", name: "alice", id: "git:alice", verified: false }, "test");
    const open = { ...world, forgeSettings: healthyForge(repository({ visibility: "public" })) };
    expect(await examineBy(statePrivacy, open)).toEqual([]);
    const writes = new Map([[".akc/delivery/sessions/x.json", new TextEncoder().encode("{}\n")]]);
    const change = { act, reads: new Map(), writes, message: "session" };
    await world.store.apply(STATE, change, new Date(world.clock.now().getTime() + 60_000));
    expect(await examineBy(statePrivacy, open)).toMatchObject([{ status: "fail", message: containing(".akc") }]);
    expect(await examineBy(statePrivacy, { ...world, forgeSettings: healthyForge() })).toEqual([]);
  });
});

describe("scope.foreign", () => {
  async function named(id: number | null, isFork = false) {
    const world = await readingWorld();
    const head = await world.store.head(STATE);
    const [at] = head === null ? [] : await world.store.read(head, ["state.json"]);
    const text = at && "bytes" in at ? Buffer.from(at.bytes).toString("utf8") : "";
    const bytes = Buffer.from(text.replace('"forge_repository_id": null', `"forge_repository_id": ${id}`));
    const act = world.acts.begin({ kind: "human", name: "alice", id: "git:alice", verified: false }, "test");
    const change = { act, reads: new Map(), writes: new Map([["state.json", bytes]]), message: "x" };
    await world.store.apply(STATE, change, new Date(world.clock.now().getTime() + 60_000));
    return examineBy(scopeForeign, { ...world, forgeSettings: healthyForge(repository({ isFork })) });
  }

  it("finds nothing wrong where the id is the repository's, whatever it is called now", async () => {
    expect(await named(81)).toEqual([]);
  });

  it("fails for copied branches, says of a fork that it is one, and warns where no id is named", async () => {
    expect(await named(80)).toMatchObject([{ status: "fail", message: containing("were copied") }]);
    expect(await named(80, true)).toMatchObject([{ status: "fail", message: containing("fork") }]);
    expect(await named(null)).toMatchObject([{ status: "warn" }]);
  });
});

it("clock.sane warns where the forge has another time", async () => {
  const ahead = (ms: number) => ({ now: async () => new Date(Date.parse(TEST_NOW) + ms) });
  expect(await found(clockSane, ahead(5 * 60_000))).toEqual([]);
  for (const ms of [5 * 60_000 + 1000, -86_400_000])
    expect(await found(clockSane, ahead(ms))).toMatchObject([{ status: "warn", message: containing("The forge of") }]);
});

it("refs.tags warns of a tag on the forge that is called like a branch", async () => {
  const tags = async () => [STATE, "waybill/other", "waybill/state-of-mind"];
  expect(await found(refsTags, { tags })).toMatchObject([
    { status: "warn", fix: `git push --delete origin refs/tags/${STATE}` },
  ]);
});

it("policy.accounts warns of approvers without an account, except where signatures are asked for", async () => {
  expect(await inWorld(policyAccounts, healthyForge())).toMatchObject([
    { status: "warn", message: containing("alice") },
  ]);
  expect(await inWorld(policyAccounts, healthyForge(), "signed")).toEqual([]);
});

describe("root.pinned", () => {
  it("finds nothing wrong with the root itself, warns without a file, and fails for another root", async () => {
    const world = await readingWorld();
    const root = (await world.store.head(DECISIONS)) ?? "";
    const pinned = (text: string | null) => {
      const file = async () => (text === null ? null : new TextEncoder().encode(text));
      return examineBy(rootPinned, { ...world, forgeSettings: healthyForge({ file }) });
    };
    expect(await pinned(JSON.stringify({ schema: "waybill-config.v1", root }))).toEqual([]);
    expect(await pinned(null)).toMatchObject([{ status: "warn" }]);
    expect(await pinned(JSON.stringify({ root: "0".repeat(40) }))).toMatchObject([{ status: "fail" }]);
    expect(await pinned("{")).toMatchObject([{ status: "fail", message: containing("no root") }]);
  });
});
