import { type Identity, identityOf, webFlow } from "../commit-object.ts";
import type { TreeEdit } from "../bare-repository.ts";
import type { Call, Reply, Routes } from "../route.ts";
import { found, json, refusal, refusedText } from "./answers.ts";
import { fields, isFields, param, text } from "./body.ts";
import { showPlace } from "./contents.ts";
import { sender } from "./pull-place.ts";
import { moveOrRefuse } from "./ref.ts";
import { repoPage, repoUrl } from "./show-repository.ts";

/** Changing one file by one commit, as the editor of GitHub's pages does. */
export const contentWrites: Routes = {
  "repos/create-or-update-file-contents": async (call) => {
    const bytes = Buffer.from(text(fields(call), "content") ?? "", "base64");
    const oid = await call.repo.writeObject("blob", bytes);
    const { commit, wasThere, branch } = await write(call, { mode: "100644", oid });
    const place = { path: param(call, "path"), oid, type: "blob", sizeBytes: bytes.length } as const;
    return json({ content: showPlace(call, branch, place), commit }, wasThere ? 200 : 201);
  },
  "repos/delete-file": async (call): Promise<Reply> =>
    json({ content: null, commit: (await write(call, null)).commit }),
};

interface Written {
  readonly commit: Readonly<Record<string, unknown>>;
  readonly wasThere: boolean;
  readonly branch: string;
}

async function write(call: Call, edit: TreeEdit): Promise<Written> {
  const { repo } = call;
  const body = fields(call);
  const path = param(call, "path");
  const branch = text(body, "branch") ?? call.query.get("branch") ?? repo.defaultBranch;
  const ref = `refs/heads/${branch}`;
  const tip = await repo.ref(ref);
  if (tip === null) throw refusal(404, `Branch ${branch} not found`);
  const old = (await repo.object(`${tip}:${path}`))?.oid ?? null;
  refuseOther(path, old, text(body, "sha") ?? call.query.get("sha"), edit);
  const tree = await repo.editTree(await repo.git(["rev-parse", `${tip}^{tree}`]), new Map([[path, edit]]));
  const at = call.world.now();
  const author = personOf(body["author"], at) ?? identityOf(sender(call).account, at);
  const message = text(body, "message") ?? "";
  const sha = await repo.commitTree({ tree, parents: [tip], message, author, committer: webFlow(at), isSigned: true });
  if (!(await moveOrRefuse(call, { ref, from: tip, to: sha })))
    throw refusal(409, `${path} does not match ${old ?? tip}: the branch moved`);
  return { commit: showWritten(call, sha, tree, tip, message), wasThere: old !== null, branch };
}

/** GitHub wants the blob that is replaced: none is 422, another one is 409. */
function refuseOther(path: string, old: string | null, sha: string | null, edit: TreeEdit): void {
  if (edit === null && old === null) throw refusal(404, "Not Found");
  if (old !== null && sha === null) throw refusedText(`Invalid request.\n\n"sha" wasn't supplied.`);
  if (sha !== null && sha !== old) throw refusal(409, `${path} does not match ${sha}`);
}

function personOf(value: unknown, at: Date): Identity | null {
  if (!isFields(value)) return null;
  const [name, email] = [text(value, "name"), text(value, "email")];
  return name === undefined || email === undefined ? null : { name, email, at };
}

function showWritten(
  call: Call,
  sha: string,
  tree: string,
  parent: string,
  message: string,
): Readonly<Record<string, unknown>> {
  const url = `${repoUrl(call.repo, call.world)}/git`;
  const html = `${repoPage(call.repo, call.world)}/commit`;
  const date = call.world.timestamp();
  const author = identityOf(found(call.caller).account, call.world.now());
  return {
    sha,
    url: `${url}/commits/${sha}`,
    html_url: `${html}/${sha}`,
    author: { name: author.name, email: author.email, date },
    committer: { name: "GitHub", email: "noreply@github.com", date },
    message,
    tree: { sha: tree, url: `${url}/trees/${tree}` },
    parents: [{ sha: parent, url: `${url}/commits/${parent}`, html_url: `${html}/${parent}` }],
    verification: { verified: true, reason: "valid", signature: null, payload: null, verified_at: date },
  };
}
