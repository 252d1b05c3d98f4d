import type { StoredObject } from "../object-store.ts";
import type { FakeAccount } from "../route.ts";

/** An asset; `starter` is what an upload leaves that was cut or answered 502. */
export interface FakeAsset {
  readonly id: number;
  name: string;
  label: string | null;
  readonly contentType: string;
  state: "uploaded" | "open" | "starter";
  sizeBytes: number;
  digest: string | null;
  /** Null until all bytes are there. */
  stored: StoredObject | null;
  downloads: number;
  readonly createdAt: string;
  updatedAt: string;
  readonly uploader: FakeAccount;
}

/** A release; a draft has no tag of its own, and many drafts may name one tag. */
export interface FakeRelease {
  readonly id: number;
  tag: string;
  target: string;
  name: string | null;
  body: string | null;
  draft: boolean;
  prerelease: boolean;
  /** Published while immutable releases were on: tag and assets are locked for ever. */
  locked: boolean;
  /** Reads that still answer `immutable: false` although it is locked. */
  readsUntilShown: number;
  readonly createdAt: string;
  publishedAt: string | null;
  readonly author: FakeAccount;
  readonly assets: FakeAsset[];
}

/** Why a release or an asset is refused, by GitHub's codes. */
export interface ReleaseProblem {
  readonly resource: "Release" | "ReleaseAsset";
  readonly field: string;
  readonly code: "already_exists" | "custom" | "invalid" | "missing_field";
  readonly message?: string;
}

/** Most assets that one release may have. */
export const MAX_ASSETS = 1000;
/** Largest asset. */
const MAX_ASSET_BYTES = 2_147_483_648;
const MAX_BODY_LENGTH = 125_000;

/** All releases of one repository with the names that are burned. */
export class Releases {
  readonly all: FakeRelease[] = [];
  /** Tags of deleted immutable releases; they can never be used again. */
  readonly burned = new Set<string>();
  immutable = { enabled: false, enforcedByOwner: false };
  /** Reads of a release after its publishing that do not show `immutable: true` yet. */
  readsUntilImmutableShows = 0;
  latestId: number | null = null;

  /** Published releases of a tag: one at most. */
  published(tag: string): FakeRelease | undefined {
    return this.all.find((release) => !release.draft && release.tag === tag);
  }

  /** Finds an asset with its release. */
  asset(id: number): { readonly release: FakeRelease; readonly asset: FakeAsset } | undefined {
    for (const release of this.all) {
      const asset = release.assets.find((one) => one.id === id);
      if (asset !== undefined) return { release, asset };
    }
    return undefined;
  }

  /** What GitHub holds against a release with this tag and body; `id` is its own when it is there already. */
  problem(
    wanted: { readonly tag: string; readonly body: string | null; readonly draft: boolean },
    id: number | null,
  ): ReleaseProblem | null {
    if (wanted.tag === "") return { resource: "Release", field: "tag_name", code: "missing_field" };
    const field = "tag_name";
    if (this.burned.has(wanted.tag))
      return { resource: "Release", field, code: "custom", message: "tag_name was used by an immutable release" };
    const other = this.published(wanted.tag);
    if (!wanted.draft && other !== undefined && other.id !== id)
      return { resource: "Release", field, code: "already_exists" };
    if ((wanted.body ?? "").length > MAX_BODY_LENGTH) {
      const message = `body is too long (maximum is ${MAX_BODY_LENGTH} characters)`;
      return { resource: "Release", field: "body", code: "custom", message };
    }
    return null;
  }

  /** What GitHub holds against one more asset. */
  assetProblem(release: FakeRelease, name: string, sizeBytes: number): ReleaseProblem | null {
    const resource = "ReleaseAsset";
    if (release.assets.some((asset) => asset.name === name)) return { resource, field: "name", code: "already_exists" };
    if (release.assets.length >= MAX_ASSETS) {
      const message = `file_count limited to ${MAX_ASSETS} assets per release`;
      return { resource, field: "file_count", code: "custom", message };
    }
    if (sizeBytes > MAX_ASSET_BYTES) {
      const message = `size must be less than or equal to ${MAX_ASSET_BYTES}`;
      return { resource, field: "size", code: "custom", message };
    }
    return null;
  }

  /** Publishes a draft: locks it where immutable releases are on, and moves `latest` as asked. */
  publish(release: FakeRelease, at: string, makeLatest: string): void {
    release.draft = false;
    release.publishedAt = at;
    release.locked = this.immutable.enabled || this.immutable.enforcedByOwner;
    release.readsUntilShown = this.readsUntilImmutableShows;
    if (makeLatest !== "false" && !release.prerelease) this.latestId = release.id;
  }

  /** The newest release by the rules of `make_latest`. */
  latest(): FakeRelease | undefined {
    const able = this.all.filter((release) => !release.draft && !release.prerelease);
    return able.find((release) => release.id === this.latestId) ?? able.at(-1);
  }

  /** Deletes a release; the tag of an immutable one is burned. */
  remove(release: FakeRelease): void {
    this.all.splice(this.all.indexOf(release), 1);
    if (release.locked) this.burned.add(release.tag);
  }
}

/** Counts one read of a release and tells whether it shows as immutable by now. */
export function readImmutable(release: FakeRelease): boolean {
  if (!release.locked) return false;
  if (release.readsUntilShown === 0) return true;
  release.readsUntilShown -= 1;
  return false;
}

/** The name that GitHub gives an asset: spaces, brackets and what is not plain become dots. */
export function assetName(wanted: string): string {
  const plain = wanted
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^\w.@+-]+/g, ".");
  const name = plain.replaceAll(/\.{2,}/g, ".").replaceAll(/^\.|\.$/g, "");
  return name === "" ? "default" : name;
}
