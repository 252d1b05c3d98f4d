/** A git object id, 40 (SHA-1) or 64 (SHA-256) lower-case hex digits. */
export type Oid = string & { readonly oid: true };

const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Tells whether a text is a full object id. */
export function isOid(text: string): text is Oid {
  return OID.test(text);
}

/** Shortens a commit id for people, to 7 hex digits. */
export function shortOid(oid: Oid): string {
  return oid.slice(0, 7);
}
