import { ToolError } from "../../kernel/errors.ts";
import type { GithubClient } from "./client.ts";
import { orNull } from "./or-null.ts";
import type { AssetRow, ReleaseRow } from "./release-rows.ts";

const PAGE = 100;

/** What a draft is made of. */
export interface NewDraft {
  readonly tag: string;
  /** Null takes the tip of the default branch when it is published. */
  readonly target: string | null;
  readonly name: string;
  readonly body: string;
}

/** GitHub's releases of one repository. Ids are texts of digits; what is not there is null. Throws `forge.*`. */
export interface ReleaseApi {
  readonly client: GithubClient;
  find(id: string): Promise<ReleaseRow | null>;
  findPublished(tag: string): Promise<ReleaseRow | null>;
  /** Every release, drafts too as far as the token may see them, newest first. */
  all(): AsyncIterable<ReleaseRow>;
  create(draft: NewDraft): Promise<ReleaseRow>;
  /** Makes the tag, where it is not there, and shows the release to everyone. */
  publish(id: string, draft: Pick<NewDraft, "tag" | "target">): Promise<ReleaseRow>;
  remove(id: string): Promise<void>;
  /** All assets of a release, over all pages. */
  assets(id: string): Promise<readonly AssetRow[]>;
  asset(assetId: string): Promise<AssetRow | null>;
  removeAsset(assetId: string): Promise<void>;
  /** Commit that a tag names, through annotations. */
  tagCommit(tag: string): Promise<string | null>;
}

/** Speaks of releases with GitHub. */
export function releaseApi(client: GithubClient): ReleaseApi {
  const { owner, repo } = client.at;
  const where = { owner, repo };
  const release = (id: string) => ({ ...where, release_id: numberOf(id) });
  const asset = (id: string) => ({ ...where, asset_id: numberOf(id) });
  return {
    client,
    find: (id) => dataOrNull(() => client.request("GET /repos/{owner}/{repo}/releases/{release_id}", release(id))),
    findPublished: (tag) =>
      dataOrNull(() => client.request("GET /repos/{owner}/{repo}/releases/tags/{tag}", { ...where, tag })),
    async *all() {
      const pages = client.paginate.iterator("GET /repos/{owner}/{repo}/releases", { ...where, per_page: PAGE });
      for await (const { data } of pages) yield* data;
    },
    async create({ tag, target, name, body }) {
      const { data } = await client.request("POST /repos/{owner}/{repo}/releases", {
        ...where,
        ...tagAndTarget({ tag, target }),
        name,
        body,
        draft: true,
      });
      return data;
    },
    async publish(id, draft) {
      // Which release is the latest one is a decision of its own, not of a publish.
      const shown = { draft: false, make_latest: "false" } as const;
      const { data } = await client.request("PATCH /repos/{owner}/{repo}/releases/{release_id}", {
        ...release(id),
        ...tagAndTarget(draft),
        ...shown,
      });
      return data;
    },
    remove: async (id) => {
      await dataOrNull(() => client.request("DELETE /repos/{owner}/{repo}/releases/{release_id}", release(id)));
    },
    assets: (id) =>
      client.paginate("GET /repos/{owner}/{repo}/releases/{release_id}/assets", { ...release(id), per_page: PAGE }),
    asset: (id) => dataOrNull(() => client.request("GET /repos/{owner}/{repo}/releases/assets/{asset_id}", asset(id))),
    removeAsset: async (id) => {
      await dataOrNull(() => client.request("DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}", asset(id)));
    },
    tagCommit: (tag) => tagCommit(client, tag),
  };
}

function tagAndTarget({ tag, target }: Pick<NewDraft, "tag" | "target">) {
  return { tag_name: tag, ...(target === null ? {} : { target_commitish: target }) };
}

/** Annotated tags may name tags; more than a few in a row are nobody's release. */
const MAX_TAGS = 5;

async function tagCommit(client: GithubClient, tag: string): Promise<string | null> {
  const { owner, repo } = client.at;
  const ref = await dataOrNull(() =>
    client.request("GET /repos/{owner}/{repo}/git/ref/{ref}", { owner, repo, ref: `tags/${tag}` }),
  );
  if (ref === null) return null;
  let at: { readonly type: string; readonly sha: string } = ref.object;
  for (let depth = 0; at.type === "tag" && depth < MAX_TAGS; depth += 1) {
    const { data } = await client.request("GET /repos/{owner}/{repo}/git/tags/{tag_sha}", {
      owner,
      repo,
      tag_sha: at.sha,
    });
    at = data.object;
  }
  return at.sha;
}

async function dataOrNull<T>(ask: () => Promise<{ readonly data: T }>): Promise<T | null> {
  return (await orNull(ask))?.data ?? null;
}

/** Reads the number of a release or an asset; ids come from documents that anyone may have written. */
export function numberOf(id: string): number {
  if (/^[1-9]\d{0,14}$/.test(id)) return Number(id);
  throw new ToolError("usage.invalid_argument", "A release or an asset of GitHub is named by a number");
}
