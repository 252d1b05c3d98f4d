import { type GitObject, gitObject, oidOf } from "../../git/objects.ts";
import type { TreeEntry } from "../../git/tree-entry.ts";
import { treeOf } from "../../git/tree.ts";
import type { ActorAnswer, BlobAnswer, CommitAnswer, ThingAnswer, TreeAnswer } from "./answers.ts";

/**
 * Makes the raw object again from what GitHub says of it; null where no form of it has the id. What comes back is therefore
 * as sure as an object that was read by git and hashed.
 */
export function rebuild(answer: ThingAnswer): GitObject | null {
  if (answer.kind === "Blob") return firstOf(answer.oid, "blob", blobForms(answer));
  if (answer.kind === "Tree") return firstOf(answer.oid, "tree", treeForms(answer));
  return answer.kind === "Commit" ? firstOf(answer.oid, "commit", commitForms(answer)) : null;
}

function firstOf(oid: string, kind: GitObject["kind"], forms: Iterable<Uint8Array | string>): GitObject | null {
  for (const form of forms) {
    const object = gitObject("sha1", kind, typeof form === "string" ? Buffer.from(form, "utf8") : form);
    if (object.oid === oid) return object;
  }
  return null;
}

function* blobForms({ isTruncated, text }: BlobAnswer): Generator<string> {
  if (!isTruncated && text !== null) yield text;
}

function* treeForms({ oid, entries }: TreeAnswer): Generator<Uint8Array> {
  if (entries === null) return;
  yield treeOf(
    entries.map((entry): TreeEntry => {
      const bytes = Buffer.from(entry.nameRaw, "base64");
      const name = bytes.toString("utf8");
      const raw = Buffer.from(name, "utf8").equals(bytes) ? null : bytes;
      return { mode: entry.mode.toString(8), name, raw, oid: oidOf(entry.oid, `Tree ${oid}`) };
    }),
    "sha1",
  ).content;
}

/** Forms that a commit may have had, the likeliest first: GitHub tells its parts, not its bytes. */
function* commitForms(answer: CommitAnswer): Generator<string> {
  if (answer.signature !== null) yield* signedForms(answer.signature);
  const { author, committer, parents } = answer;
  if (author === null || committer === null || parents.nodes.length !== parents.totalCount) return;
  const head = [
    `tree ${answer.tree.oid}`,
    ...parents.nodes.map(({ oid }) => `parent ${oid}`),
    `author ${signer(author)}`,
    `committer ${signer(committer)}`,
  ].join("\n");
  for (const message of endings(answer.message)) yield `${head}\n\n${message}`;
}

/** The signature goes back to where git and forges put it: behind the other headers, or behind an earlier one. */
function* signedForms({ payload, signature }: { payload: string; signature: string }): Generator<string> {
  const end = payload.indexOf("\n\n");
  if (end < 0) return;
  const headers = payload.slice(0, end).split("\n");
  for (let place = headers.length; place > 0; place -= 1) {
    for (const text of endings(signature)) {
      const signed = headers.toSpliced(place, 0, `gpgsig ${text.replaceAll("\n", "\n ")}`).join("\n");
      for (const message of endings(payload.slice(end + 2))) yield `${signed}\n\n${message}`;
    }
  }
}

/** A text as it came, and with none or one line break at its end, which an API adds or drops easily. */
function endings(text: string): ReadonlySet<string> {
  const bare = text.replace(/\n+$/, "");
  return new Set([text, `${bare}\n`, bare]);
}

/** `Name <address> seconds zone`, from a time that says its zone. */
function signer({ name, email, date }: ActorAnswer): string {
  const zone = /([+-][0-9]{2}):?([0-9]{2})$/.exec(date ?? "");
  const seconds = Math.floor(Date.parse(date ?? "") / 1000);
  return `${name ?? ""} <${email ?? ""}> ${seconds} ${zone === null ? "+0000" : `${zone[1]}${zone[2]}`}`;
}
