import { isSha256 } from "../../kernel/digest.ts";
import type { StoredFile } from "../../ports/artifact-store.ts";
import { forgeError } from "./forge-error.ts";

/** An asset as GitHub answers it, as far as it is used. `state` is `uploaded`, or what it is before; older servers know no digest. */
export interface AssetRow {
  readonly id: number | bigint;
  readonly name: string;
  readonly state: string;
  readonly size: number;
  readonly digest?: string | null;
  readonly browser_download_url: string;
}

/** A release as GitHub answers it, as far as it is used. */
export interface ReleaseRow {
  readonly id: number | bigint;
  readonly tag_name: string;
  readonly target_commitish: string;
  readonly draft: boolean;
  readonly immutable?: boolean | undefined;
  readonly author: { readonly id: number | bigint } | null;
  readonly body?: string | null | undefined;
  readonly html_url: string;
  readonly upload_url: string;
  readonly created_at: string;
  readonly assets: readonly AssetRow[];
}

/** An asset as the port says it. `releaseId` is the id of our own release. */
export function storedFile(asset: AssetRow, releaseId: string): StoredFile {
  const sha256 = asset.digest?.startsWith("sha256:") === true ? asset.digest.slice("sha256:".length) : null;
  return {
    name: asset.name,
    sizeBytes: asset.size,
    sha256: sha256 !== null && isSha256(sha256) ? sha256 : null,
    state: asset.state === "uploaded" ? "stored" : "incomplete",
    location: {
      driver: "forge_asset",
      release_id: releaseId,
      asset_id: String(asset.id),
      asset_name: asset.name,
      url: asset.browser_download_url,
    },
  };
}

/** Reads what an upload answered; throws `forge.unavailable` where that is no asset, so that the list is asked. */
export function uploadedAsset(answer: unknown): AssetRow {
  if (isAsset(answer)) return answer;
  throw forgeError("forge.unavailable", "GitHub answered an upload with something that is no asset");
}

function isAsset(value: unknown): value is AssetRow {
  if (typeof value !== "object" || value === null) return false;
  const is = (name: keyof AssetRow, type: string) => typeof Reflect.get(value, name) === type;
  return (
    is("id", "number") &&
    is("name", "string") &&
    is("state", "string") &&
    is("size", "number") &&
    is("browser_download_url", "string")
  );
}
