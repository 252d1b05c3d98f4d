/** Fields of an object that GitHub is asked for: as many as it takes to make the raw object again. */
export const THING = `fragment Thing on GitObject {
  kind: __typename oid
  ... on Blob { byteSize isBinary isTruncated text }
  ... on Tree { entries { nameRaw mode oid } }
  ... on Commit { ...Made }
}`;

/** Fields of a commit, for {@link THING} and by themselves. */
export const MADE = `fragment Made on Commit {
  kind: __typename oid tree { oid } parents(first: 20) { totalCount nodes { oid } }
  author { name email date } committer { name email date } message signature { payload signature }
}`;

/** A blob as GitHub describes it; `text` is cut short, or null, where it is large or not UTF-8. */
export interface BlobAnswer {
  readonly kind: "Blob";
  readonly oid: string;
  readonly byteSize: number;
  readonly isBinary: boolean | null;
  readonly isTruncated: boolean;
  readonly text: string | null;
}

/** A tree as GitHub describes it; `mode` is a number, names are base64 of their bytes. */
export interface TreeAnswer {
  readonly kind: "Tree";
  readonly oid: string;
  readonly entries: readonly { readonly nameRaw: string; readonly mode: number; readonly oid: string }[] | null;
}

/** Who wrote a commit and when; `date` keeps the zone in which it was written. */
export interface ActorAnswer {
  readonly name: string | null;
  readonly email: string | null;
  readonly date: string | null;
}

/** A commit as GitHub describes it; `payload` is the raw commit without its signature. */
export interface CommitAnswer {
  readonly kind: "Commit";
  readonly oid: string;
  readonly tree: { readonly oid: string };
  readonly parents: { readonly totalCount: number; readonly nodes: readonly { readonly oid: string }[] };
  readonly author: ActorAnswer | null;
  readonly committer: ActorAnswer | null;
  readonly message: string;
  readonly signature: { readonly payload: string; readonly signature: string } | null;
}

/** Any object as GitHub describes it; a tag object is none of ours. */
export type ThingAnswer = BlobAnswer | TreeAnswer | CommitAnswer | { readonly kind: "Tag"; readonly oid: string };

/** A branch and what it points at. */
export interface RefAnswer {
  readonly name: string;
  readonly prefix: string;
  readonly target: ThingAnswer | null;
}
