import type { RefTip } from "./bare-repository.ts";
import { gitObjectRoutes, gitUrl } from "./git-objects.ts";
import { moveRef } from "./move-ref.ts";
import type { RefMove } from "./repository.ts";
import type { Call, Reply, Routes } from "./route.ts";
import { empty, json, notFound, refusal, refusedText } from "./routes/answers.ts";
import { fields, flag, param, text } from "./routes/body.ts";
import { ruleViolations } from "./routes/ref.ts";
import { nodeId } from "./routes/show-user.ts";
import { refSeen, refsSeen } from "./stale.ts";

/** Tries of a move whose ref another request moves at the same time. */
const MAX_TRIES = 5;

/** The git database of the REST API, over the same repository that git itself is served from. */
export const gitRoutes: Routes = {
  ...gitObjectRoutes,
  "git/get-ref": getRef,
  "git/list-matching-refs": listRefs,
  "git/create-ref": createRef,
  "git/update-ref": updateRef,
  "git/delete-ref": deleteRef,
};

async function showRef(call: Call, { ref, oid }: RefTip): Promise<unknown> {
  const type = (await call.repo.object(oid))?.type ?? "commit";
  return {
    ref,
    node_id: nodeId("REF", `${call.repo.id}:${ref}`),
    url: gitUrl(call, ref),
    object: { type, sha: oid, url: gitUrl(call, `${type}s/${oid}`) },
  };
}

async function getRef(call: Call): Promise<Reply> {
  const ref = `refs/${param(call, "ref")}`;
  const oid = await refSeen(call.repo, ref, call.isStale);
  if (oid !== null) return json(await showRef(call, { ref, oid }));
  if ((await call.repo.refs()).length === 0) throw refusal(409, "Git Repository is empty.");
  throw notFound();
}

async function listRefs(call: Call): Promise<Reply> {
  const refs = await refsSeen(call.repo, `refs/${param(call, "ref")}`, call.isStale);
  return json(await Promise.all(refs.map((each) => showRef(call, each))));
}

async function createRef(call: Call): Promise<Reply> {
  const body = fields(call);
  const [ref = "", sha = ""] = [text(body, "ref"), text(body, "sha")];
  if (!/^refs\/[^/]+\/./.test(ref) || (await call.repo.tryGit(["check-ref-format", ref])).code !== 0) {
    throw refusedText("Reference name is not valid. It must start with 'refs/' and have at least two slashes.");
  }
  await refuseMissing(call, sha);
  if ((await call.repo.ref(ref)) !== null) throw refusedText("Reference already exists");
  if (!(await move(call, { ref, from: null, to: sha }))) {
    throw refusedText((await call.repo.ref(ref)) === null ? "Reference update failed" : "Reference already exists");
  }
  return json(await showRef(call, { ref, oid: sha }), 201);
}

async function updateRef(call: Call): Promise<Reply> {
  const ref = `refs/${param(call, "ref")}`;
  const body = fields(call);
  const sha = text(body, "sha") ?? "";
  await refuseMissing(call, sha);
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const from = await call.repo.ref(ref);
    if (from === null) throw refusedText("Reference does not exist");
    if (flag(body, "force") !== true && !(await call.repo.isAncestor(from, sha))) {
      throw refusedText("Update is not a fast forward");
    }
    if (await move(call, { ref, from, to: sha })) return json(await showRef(call, { ref, oid: sha }));
  }
  throw refusedText("Reference cannot be updated");
}

async function deleteRef(call: Call): Promise<Reply> {
  const ref = `refs/${param(call, "ref")}`;
  const from = await call.repo.ref(ref);
  if (from === null || !(await move(call, { ref, from, to: null }))) throw refusedText("Reference does not exist");
  return empty();
}

async function refuseMissing(call: Call, sha: string): Promise<void> {
  if ((await call.repo.resolve(sha)) !== sha) throw refusedText("Object does not exist");
}

async function move(call: Call, wanted: RefMove): Promise<boolean> {
  const moved = await moveRef(call.world, call.repo, call.caller, wanted);
  if (typeof moved === "object") throw refusedText(ruleViolations([moved.refused]));
  return moved === "moved";
}
