import type { FakeRelease, ReleaseProblem } from "../model/releases.ts";
import { releaseAttestation } from "../model/release-attestation.ts";
import { mayPush } from "../model/rights.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { empty, found, invalid, json, page, seen } from "./answers.ts";
import { type Fields, fields, flag, id, param, text } from "./body.ts";
import { moveOrRefuse } from "./ref.ts";
import { showRelease, told } from "./show-release.ts";

/** Releases: drafts without tags, publishing, immutability and burned tags. */
export const releases: Routes = {
  "repos/create-release": create,
  "repos/update-release": update,
  "repos/get-release": (call) => showOne(call, visible(call, id(call, "release_id"))),
  "repos/list-releases": list,
  "repos/get-release-by-tag": (call) => showOne(call, found(call.repo.features.releases.published(param(call, "tag")))),
  "repos/get-latest-release": (call) => showOne(call, found(call.repo.features.releases.latest())),
  "repos/delete-release": remove,
};

function showOne(call: Call, release: FakeRelease, status = 200): Reply {
  return told(json(showRelease(release, call), status), release.assets);
}

/** Finds a release that the caller may see: a draft only with push access. */
export function visible(call: Call, releaseId: number): FakeRelease {
  const release = found(call.repo.features.releases.all.find((one) => one.id === releaseId));
  return found(release.draft && !mayPush(call) ? null : release);
}

async function create(call: Call): Promise<Reply> {
  const body = fields(call);
  const state = call.repo.features.releases;
  const release: FakeRelease = {
    id: call.world.nextId(),
    tag: text(body, "tag_name") ?? "",
    target: text(body, "target_commitish") ?? call.repo.defaultBranch,
    name: text(body, "name") ?? null,
    body: text(body, "body") ?? null,
    draft: flag(body, "draft") ?? false,
    prerelease: flag(body, "prerelease") ?? false,
    locked: false,
    readsUntilShown: 0,
    createdAt: call.world.timestamp(),
    publishedAt: null,
    author: found(call.caller).account,
    assets: [],
  };
  refuse(state.problem(release, null));
  if (!release.draft) await publish(call, release, body);
  state.all.push(release);
  return showOne(call, release, 201);
}

async function update(call: Call): Promise<Reply> {
  const body = fields(call);
  const release = visible(call, id(call, "release_id"));
  const wanted = {
    tag: text(body, "tag_name") ?? release.tag,
    target: text(body, "target_commitish") ?? release.target,
    name: text(body, "name") ?? release.name,
    body: text(body, "body") ?? release.body,
    draft: flag(body, "draft") ?? release.draft,
    prerelease: flag(body, "prerelease") ?? release.prerelease,
  };
  if (release.locked) refuseLocked(release, wanted);
  refuse(call.repo.features.releases.problem(wanted, release.id));
  const publishes = release.draft && !wanted.draft;
  if (publishes) await publish(call, Object.assign(release, { ...wanted, draft: true }), body);
  else Object.assign(release, wanted);
  if (!publishes && !release.draft) moveLatest(call, release, body);
  return showOne(call, release);
}

function moveLatest(call: Call, release: FakeRelease, body: Fields): void {
  const asked = text(body, "make_latest");
  if (asked === "true" && !release.prerelease) call.repo.features.releases.latestId = release.id;
}

/** Title, notes and flags of an immutable release stay editable; its tag, and being published, do not. */
function refuseLocked(
  release: FakeRelease,
  wanted: { readonly tag: string; readonly target: string; readonly draft: boolean },
): void {
  if (wanted.tag !== release.tag)
    throw seen(invalid("Release", "tag_name", "custom", "tag_name cannot be changed on an immutable release"));
  if (wanted.draft)
    throw seen(invalid("Release", "draft", "custom", "draft cannot be changed on an immutable release"));
}

function refuse(problem: ReleaseProblem | null): void {
  if (problem !== null) throw seen(invalid(problem.resource, problem.field, problem.code, problem.message));
}

/** Makes the tag at the target unless it is there, and only then counts the release as published. */
async function publish(call: Call, release: FakeRelease, body: Fields): Promise<void> {
  const ref = `refs/tags/${release.tag}`;
  if ((await call.repo.ref(ref)) === null) {
    const target = release.target;
    const commit = (await call.repo.commitOf(`refs/heads/${target}`)) ?? (await call.repo.commitOf(target));
    if (commit === null) throw seen(invalid("Release", "target_commitish", "invalid"));
    if (!(await moveOrRefuse(call, { ref, from: null, to: commit })))
      throw seen(invalid("Release", "tag_name", "already_exists"));
  }
  // Another draft of this tag may have been published while git made the tag.
  refuse(call.repo.features.releases.problem({ tag: release.tag, body: release.body, draft: false }, release.id));
  call.repo.features.releases.publish(release, call.world.timestamp(), text(body, "make_latest") ?? "true");
  if (release.locked) await lock(call, release, ref);
  call.world.emit(call.repo, call.caller, "release", { action: "published", tag: release.tag });
}

/** Locks the tag of an immutable release, and attests it where the plan has attestations. */
async function lock({ repo }: Call, release: FakeRelease, ref: string): Promise<void> {
  repo.lockedTags.set(release.tag, "locked");
  const { settings } = repo.features;
  if (repo.private && settings.plan !== "enterprise") return;
  settings.attestations.push(releaseAttestation(repo.fullName, release, found(await repo.ref(ref))));
}

function list(call: Call): Reply {
  const all = call.repo.features.releases.all.filter((release) => !release.draft || mayPush(call));
  return told(
    page(call, all.toReversed(), (release) => showRelease(release, call)),
    all.flatMap((release) => release.assets),
  );
}

function remove(call: Call): Reply {
  const release = visible(call, id(call, "release_id"));
  call.repo.features.releases.remove(release);
  if (release.locked) call.repo.lockedTags.set(release.tag, "burned");
  return empty();
}
