import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Acme, startAcme } from "./acme.ts";
import { assetName, MAX_ASSETS } from "./model/releases.ts";
import { ACME_REPO, acmeApi, type Answer, answerOf, send, tokenOf } from "./people.ts";

let acme: Acme;
beforeEach(async () => {
  acme = await startAcme();
});
afterEach(() => acme.github.stop());

const api = acmeApi(() => acme);

async function draft(tag: string, more: object = {}): Promise<number> {
  const made = await api("POST", "/releases", { tag_name: tag, draft: true, ...more });
  expect(made.status, made.text).toBe(201);
  return Number(made.fields["id"]);
}

async function upload(release: number, name: string, bytes: string | Buffer = name): Promise<Answer> {
  const url = `${acme.github.uploadsUrl}${ACME_REPO}/releases/${release}/assets?name=${encodeURIComponent(name)}`;
  const headers = {
    authorization: `Bearer ${tokenOf(acme.github, acme.people.alice)}`,
    "content-type": "application/zip",
  };
  return answerOf(await fetch(url, { method: "POST", headers, body: new Uint8Array(Buffer.from(bytes)) }));
}

async function publish(release: number, more: object = {}): Promise<Answer> {
  return api("PATCH", `/releases/${release}`, { draft: false, ...more });
}

describe("releases of the stand-in", () => {
  it("make no tag while they are drafts, and several drafts may carry one tag", async () => {
    const [one, two] = [await draft("v1"), await draft("v1")];
    expect(one).not.toBe(two);
    expect(await acme.repo.ref("refs/tags/v1")).toBeNull();
    expect((await api("GET", "/releases/tags/v1")).status).toBe(404);
    const list = await api("GET", "/releases");
    expect(list.body).toMatchObject([
      { id: two, draft: true },
      { id: one, draft: true },
    ]);
    const html = String((await api("GET", `/releases/${one}`)).fields["html_url"]);
    expect(html).toMatch(/\/acme\/notes\/releases\/tag\/untagged-[0-9a-f]{20}$/);
  });

  it("hide drafts from those who may not push", async () => {
    const id = await draft("v1");
    const dave = acme.github.addAccount("dave");
    expect((await api("GET", `/releases/${id}`, undefined, dave)).status).toBe(404);
    expect((await api("GET", "/releases", undefined, dave)).body).toEqual([]);
  });

  it("make the tag at their target when they are published, and keep one that is there", async () => {
    await publish(await draft("v1", { target_commitish: "main" }));
    expect(await acme.repo.ref("refs/tags/v1")).toBe(acme.code);
    await acme.repo.git(["update-ref", "refs/tags/v2", acme.code]);
    expect((await publish(await draft("v2", { target_commitish: "no-such-branch" }))).status).toBe(200);
    const bad = await publish(await draft("v3", { target_commitish: "no-such-branch" }));
    expect(bad).toMatchObject({ status: 422, fields: { errors: [{ field: "target_commitish", code: "invalid" }] } });
    expect(acme.github.world.events.map((event) => event.name)).toContain("release");
  });

  it("refuse a second release of a published tag, a missing tag and a body that is too long", async () => {
    await publish(await draft("v1"));
    const again = await publish(await draft("v1"));
    expect(again.fields["errors"]).toEqual([{ resource: "Release", code: "already_exists", field: "tag_name" }]);
    const long = await api("POST", "/releases", { tag_name: "v9", draft: true, body: "x".repeat(125_001) });
    expect(long.text).toContain("maximum is 125000 characters");
    expect((await api("POST", "/releases", { tag_name: "v9", draft: true, body: "x".repeat(125_000) })).status).toBe(
      201,
    );
  });

  it("answer pages of 30 with links to the next ones", async () => {
    for (let n = 0; n < 31; n += 1) await draft(`v${n}`);
    const first = await api("GET", "/releases");
    expect(first.body).toHaveLength(30);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
    expect(next.startsWith(acme.github.apiUrl)).toBe(true);
    const second = await send(acme.github, acme.people.alice, "GET", next.slice(acme.github.apiUrl.length));
    expect(second.body).toHaveLength(1);
  });

  it("point `latest` at the release that asked for it", async () => {
    const [one, two, three] = [await draft("v1"), await draft("v2"), await draft("v3")];
    await publish(one);
    await publish(two, { make_latest: "false" });
    await publish(three, { prerelease: true });
    expect((await api("GET", "/releases/latest")).fields["id"]).toBe(one);
    await api("PATCH", `/releases/${two}`, { make_latest: "true" });
    expect((await api("GET", "/releases/latest")).fields["id"]).toBe(two);
  });

  it("cannot be published by a workflow where that would change workflow files", async () => {
    const workflows = new Map([
      [
        ".github/workflows/x.yml",
        { mode: "100644", oid: await acme.repo.writeObject("blob", Buffer.from("on: push\n")) },
      ],
    ]);
    const tree = await acme.repo.editTree(null, workflows);
    const other = await acme.repo.git([
      "-c",
      "user.name=a",
      "-c",
      "user.email=a@b",
      "commit-tree",
      tree,
      "-m",
      "other",
    ]);
    const by = { token: acme.tokens.workflow };
    const body = { tag_name: "v1", target_commitish: other };
    expect((await send(acme.github, by, "POST", `${ACME_REPO}/releases`, body)).status).toBe(403);
    expect(await acme.repo.ref("refs/tags/v1")).toBeNull();
  });
});

describe("immutable releases of the stand-in", () => {
  it("are switched by admins and show after a while", async () => {
    expect((await api("GET", "/immutable-releases")).status).toBe(404);
    expect((await api("PUT", "/immutable-releases", undefined, acme.people.bob)).status).toBe(403);
    expect((await api("PUT", "/immutable-releases")).status).toBe(204);
    expect((await api("GET", "/immutable-releases")).body).toEqual({ enabled: true, enforced_by_owner: false });
    acme.repo.features.releases.readsUntilImmutableShows = 2;
    const id = await draft("v1");
    expect((await publish(id)).fields["immutable"]).toBe(false);
    expect((await api("GET", `/releases/${id}`)).fields["immutable"]).toBe(false);
    expect((await api("GET", `/releases/${id}`)).fields["immutable"]).toBe(true);
    const attested = await api("GET", `/attestations/sha1:${acme.code}?predicate_type=release`);
    expect(attested.fields["attestations"]).toMatchObject([{ repository_id: acme.repo.id }]);
    expect((await api("GET", `/attestations/sha1:${acme.code}?predicate_type=sbom`)).fields["attestations"]).toEqual(
      [],
    );
  });

  it("are published once of two drafts of one tag that race", async () => {
    await acme.repo.git(["update-ref", "refs/tags/v1", acme.code]);
    const drafts = [await draft("v1"), await draft("v1")];
    const answers = await Promise.all(drafts.map((id) => publish(id)));
    expect(answers.map((answer) => answer.status)).toContain(200);
    expect(answers.map((answer) => answer.status)).toContain(422);
  });

  it("lock assets and tag, keep notes editable, and burn the tag when they are deleted", async () => {
    await api("PUT", "/immutable-releases");
    const id = await draft("v1");
    await upload(id, "a.zip");
    await publish(id);
    expect((await upload(id, "b.zip")).text).toContain("Cannot upload assets to an immutable release");
    expect((await api("PATCH", `/releases/${id}`, { body: "Better notes" })).fields["body"]).toBe("Better notes");
    expect((await api("PATCH", `/releases/${id}`, { tag_name: "v2" })).status).toBe(422);
    expect((await api("DELETE", `/git/refs/tags/v1`)).status).toBe(422);
    expect((await api("DELETE", `/releases/${id}`)).status).toBe(204);
    await api("DELETE", "/immutable-releases");
    expect((await api("DELETE", `/git/refs/tags/v1`)).status).toBe(204);
    expect((await api("POST", "/git/refs", { ref: "refs/tags/v1", sha: acme.code })).status).toBe(422);
    const again = await api("POST", "/releases", { tag_name: "v1", draft: true });
    expect(again).toMatchObject({ status: 422 });
    expect(again.text).toContain("tag_name was used by an immutable release");
  });
});

describe("assets of the stand-in", () => {
  it("are streamed to disk with their digest, and handed out by both addresses from another origin", async () => {
    const id = await draft("v1");
    const bytes = Buffer.alloc(3_000_000, "waybill");
    const asset = await upload(id, "app.zip", bytes);
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    expect(asset).toMatchObject({
      status: 201,
      fields: { state: "uploaded", size: bytes.length, digest, name: "app.zip" },
    });
    await publish(id);
    const shown = (await api("GET", `/releases/${id}`)).fields["assets"];
    expect(shown).toMatchObject([{ digest }]);
    const byApi = await fetch(`${acme.github.apiUrl}${ACME_REPO}/releases/assets/${String(asset.fields["id"])}`, {
      headers: { accept: "application/octet-stream" },
      redirect: "manual",
    });
    expect(byApi.status).toBe(302);
    expect(byApi.headers.get("location")?.startsWith(acme.github.objects)).toBe(true);
    for (const url of [`/acme/notes/releases/download/v1/app.zip`, `/acme/notes/releases/latest/download/app.zip`]) {
      const got = await fetch(`${acme.github.serverUrl}${url}`);
      expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true);
    }
    expect((await fetch(`${acme.github.serverUrl}/acme/notes/releases/download/v1/other.zip`)).status).toBe(404);
  });

  it("have names that GitHub rewrites, and no two of one name", async () => {
    expect(["My App (1).zip", "sha256-0a1b.zip", "a+b_c-d.tar.gz", "über~1.deb", ".hidden."].map(assetName)).toEqual([
      "My.App.1.zip",
      "sha256-0a1b.zip",
      "a+b_c-d.tar.gz",
      "uber.1.deb",
      "hidden",
    ]);
    const id = await draft("v1");
    expect((await upload(id, "My App.zip")).fields["name"]).toBe("My.App.zip");
    const again = await upload(id, "My.App.zip");
    expect(again.fields["errors"]).toEqual([{ resource: "ReleaseAsset", code: "already_exists", field: "name" }]);
  });

  it("leave a starter behind when the connection is cut or the answer is 502", async () => {
    const id = await draft("v1");
    acme.github.world.faults.add({
      when: (target) => target.kind === "upload",
      effect: { kind: "truncate", bytes: 3 },
    });
    expect((await upload(id, "a.zip", "abcdefgh")).status).toBe(502);
    await cutUpload(id, "b.zip");
    const starter = { state: "starter", size: 0, digest: null };
    await expect.poll(() => acme.repo.features.releases.all[0]?.assets.length).toBe(2);
    expect(acme.repo.features.releases.all[0]?.assets).toMatchObject([
      { name: "a.zip", state: "starter", sizeBytes: 0, digest: null },
      { name: "b.zip", state: "starter" },
    ]);
    const first = acme.repo.features.releases.all[0]!.assets[0]!;
    expect((await api("GET", `/releases/${id}/assets`)).body).toMatchObject([{ ...starter, id: first.id }, starter]);
    expect((await upload(id, "a.zip")).status).toBe(422);
    expect((await api("DELETE", `/releases/assets/${first.id}`)).status).toBe(204);
    expect((await upload(id, "a.zip")).status).toBe(201);
  });

  it("stop at 1,000 a release and at 2 GiB each", async () => {
    const id = await draft("v1");
    await upload(id, "a.zip");
    const { assets } = acme.repo.features.releases.all[0]!;
    for (let n = 1; n < MAX_ASSETS; n += 1)
      assets.push({ ...assets[0]!, id: acme.github.world.nextId(), name: `${n}.zip` });
    expect((await upload(id, "b.zip")).text).toContain("file_count limited to 1000 assets per release");
    const next = await draft("v2");
    const size = await refusedSize(next, 2_147_483_649);
    expect(size.text).toContain("size must be less than or equal to 2147483648");
  });
});

/** Sends the head of an upload and some bytes, then cuts the connection. */
async function cutUpload(release: number, name: string): Promise<void> {
  const request = uploadRequest(release, name, 1000);
  request.on("error", () => undefined);
  request.write("abc");
  await expect.poll(() => acme.repo.features.releases.all[0]?.assets.some((asset) => asset.name === name)).toBe(true);
  request.destroy();
}

/** Says that so many bytes will come, and reads the answer that comes before them. */
function refusedSize(release: number, sizeBytes: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = uploadRequest(release, "huge.zip", sizeBytes);
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        request.destroy();
        resolve(answerOf(new Response(Buffer.concat(chunks), { status: response.statusCode ?? 0 })));
      });
    });
    request.write("abc");
  });
}

function uploadRequest(release: number, name: string, sizeBytes: number): ReturnType<typeof httpRequest> {
  const url = `${acme.github.uploadsUrl}${ACME_REPO}/releases/${release}/assets?name=${name}`;
  const headers = {
    authorization: `Bearer ${tokenOf(acme.github, acme.people.alice)}`,
    "content-length": String(sizeBytes),
  };
  return httpRequest(url, { method: "POST", headers });
}
