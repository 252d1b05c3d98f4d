import type { DocumentActor, PolicyV1 } from "../../schema/types.gen.ts";
import type { Signer } from "../../ports/signer.ts";
import { peopleNamed } from "../core/approvals.ts";

/** Finds a key of the caller, one of these public keys where there are several; null where there is none. */
export type FindKey = (preferred: readonly string[]) => Promise<Signer | null>;

/** Public keys of people, in their order. */
export function keysOf(policy: PolicyV1, people: readonly string[]): readonly string[] {
  return people.flatMap((name) => policy.people[name]?.keys ?? []);
}

/** The key that signs a request: one of the person who asks, else one of anybody in policy, so that the two agree where they can. */
export function askingKey(policy: PolicyV1, actor: DocumentActor, find: FindKey): Promise<Signer | null> {
  return firstKey(find, [keysOf(policy, peopleNamed(policy, actor)), keysOf(policy, Object.keys(policy.people))]);
}

/** The key that several lists of public keys ask for, the first list first; any other key only where none of these is here. */
export async function firstKey(find: FindKey, lists: readonly (readonly string[])[]): Promise<Signer | null> {
  for (const keys of lists.slice(0, -1)) {
    const signer = keys.length === 0 ? null : await find(keys);
    if (signer !== null && keys.some((key) => bare(key) === bare(signer.publicKey))) return signer;
  }
  return find(lists.at(-1) ?? []);
}

/** A public key line without padding and comment, to compare. */
function bare(line: string): string {
  return line.split(" ", 2).join(" ").replaceAll("=", "");
}
