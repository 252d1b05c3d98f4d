import { assetName, type FakeAsset, type FakeRelease } from "../model/releases.ts";
import type { Call, Reply, Routes } from "../route.ts";
import type { FakeWorld } from "../world.ts";
import { empty, found, invalid, json, page, refusal, refusedText, seen } from "./answers.ts";
import { fields, id, text } from "./body.ts";
import { visible } from "./releases.ts";
import { showAsset, told } from "./show-release.ts";

/** Assets of releases: streamed uploads with digests, states and caps, and both ways of downloading. */
export const assets: Routes = {
  "repos/upload-release-asset": upload,
  "repos/list-release-assets": list,
  "repos/get-release-asset": get,
  "repos/update-release-asset": update,
  "repos/delete-release-asset": remove,
  "browser/download-asset": browse,
  "browser/download-latest-asset": browse,
};

function list(call: Call): Reply {
  const release = visible(call, id(call, "release_id"));
  return told(
    page(call, release.assets, (asset) => showAsset(release, asset, call)),
    release.assets,
  );
}

async function upload(call: Call): Promise<Reply> {
  const release = visible(call, id(call, "release_id"));
  const wanted = call.query.get("name") ?? "";
  if (wanted === "") throw invalid("ReleaseAsset", "name", "missing_field");
  const length = call.headers["content-length"];
  if (length === undefined) throw seen(refusal(400, "Bad Content-Length: "));
  if (release.locked) throw refusedText("Cannot upload assets to an immutable release");
  const asset = newAsset(call, wanted);
  const refuseIfTaken = (): void => {
    const problem = call.repo.features.releases.assetProblem(release, asset.name, Number(length));
    if (problem !== null) throw invalid(problem.resource, problem.field, problem.code, problem.message);
  };
  refuseIfTaken();
  // From here on a cut connection leaves a starter; the name is taken at once, so that of two uploads of one name the second loses.
  release.assets.push(asset);
  const stored = await call.world.objects.put(call.bytes);
  if (stored.sizeBytes !== Number(length)) throw seen(refusal(400, `Bad Content-Length: ${length}`));
  Object.assign(asset, { stored, state: "uploaded", sizeBytes: stored.sizeBytes, digest: stored.digest });
  asset.updatedAt = call.world.timestamp();
  return json(showAsset(release, asset, call), 201);
}

function newAsset(call: Call, wanted: string): FakeAsset {
  const at = call.world.timestamp();
  return {
    id: call.world.nextId(),
    name: assetName(wanted),
    label: call.query.get("label") ?? "",
    contentType: call.headers["content-type"] ?? "application/octet-stream",
    state: "starter",
    sizeBytes: 0,
    digest: null,
    stored: null,
    downloads: 0,
    createdAt: at,
    updatedAt: at,
    uploader: found(call.caller).account,
  };
}

function here(call: Call): { readonly release: FakeRelease; readonly asset: FakeAsset } {
  const { release, asset } = found(call.repo.features.releases.asset(id(call, "asset_id")));
  visible(call, release.id);
  return { release, asset };
}

function get(call: Call): Reply {
  const { release, asset } = here(call);
  if (!(call.headers["accept"] ?? "").includes("application/octet-stream"))
    return told(json(showAsset(release, asset, call)), [asset]);
  return handOut(call.world, asset);
}

function update(call: Call): Reply {
  const { release, asset } = here(call);
  const body = fields(call);
  const name = text(body, "name");
  if (release.locked && name !== undefined) throw seen(refusedText("Cannot update assets of an immutable release"));
  if (name !== undefined && name !== asset.name) {
    const problem = call.repo.features.releases.assetProblem(release, assetName(name), asset.sizeBytes);
    if (problem?.code === "already_exists") throw seen(invalid(problem.resource, problem.field, problem.code));
    asset.name = assetName(name);
  }
  asset.label = text(body, "label") ?? asset.label;
  return told(json(showAsset(release, asset, call)), [asset]);
}

function remove(call: Call): Reply {
  const { release, asset } = here(call);
  if (release.locked) throw seen(refusedText("Cannot delete assets from an immutable release"));
  release.assets.splice(release.assets.indexOf(asset), 1);
  return empty();
}

/** Sends the reader to the bytes, which lie on another origin that never sees a token. */
function handOut(world: FakeWorld, asset: FakeAsset): Reply {
  const stored = found(asset.stored);
  asset.downloads += 1;
  const path = world.objects.serve(stored, { contentType: asset.contentType, fileName: asset.name });
  return { status: 302, headers: { location: `${world.urls.objects}${path}` } };
}

/** What a browser's address of an asset answers: a redirect to the bytes, or 404; without a tag the newest release. */
function browse(call: Call): Reply {
  const { releases } = call.repo.features;
  const { tag, name } = call.params;
  const release = tag === undefined ? releases.latest() : releases.published(tag);
  const asset = release?.assets.find((one) => one.name === name && one.stored !== null);
  return call.repo.private || asset === undefined ? { status: 404, body: "Not Found" } : handOut(call.world, asset);
}
