import { ToolError } from "../../../kernel/errors.ts";
import type { Oid } from "../../../kernel/oid.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { RawObjects } from "../../git/raw-objects.ts";
import { corrupt, type GitObject, type ObjectKind } from "../../git/objects.ts";
import type { CommitAnswer, ThingAnswer } from "./answers.ts";
import type { Asker } from "./asker.ts";
import { downloadBlob } from "./download-blob.ts";
import { writeCommit, writeTrees } from "./git-data.ts";
import { KnownObjects } from "./known-objects.ts";
import { historyOf, objectAt, objectById } from "./questions.ts";

/** Objects of a repository at GitHub: asked for by GraphQL, made again and hashed here. */
export interface ForgeObjects extends RawObjects {
  readonly known: KnownObjects;
  /** Fetches what stands at paths of a commit or full ref name; what is not told whole is left for `read`. */
  bring(revision: string, paths: readonly string[]): Promise<void>;
}

/** Opens the objects of a repository at GitHub. */
export function forgeObjects(asker: Asker, clock: Clock): ForgeObjects {
  const known = new KnownObjects();
  // One question for an object that several ask for at the same time.
  const asked = new Map<Oid, Promise<Told | null>>();
  const answerOf = (oid: Oid): Promise<Told | null> => {
    const question = asked.get(oid) ?? ask(asker, known, oid).finally(() => asked.delete(oid));
    asked.set(oid, question);
    return question;
  };
  return {
    algorithm: "sha1",
    known,
    async read(oid, kind, accept) {
      const object = known.get(oid);
      if (object !== undefined) return contentOf(object, kind, accept);
      const told = await answerOf(oid);
      if (told === null) throw absent(oid, asker.location);
      const { answer } = told;
      if (answer.kind.toLowerCase() !== kind) throw otherKind(oid, answer.kind.toLowerCase(), kind);
      if (answer.kind === "Blob") accept(answer.byteSize);
      if (told.object?.oid === oid) return contentOf(told.object, kind, accept);
      if (answer.kind === "Blob") return downloadBlob(asker, oid, answer.byteSize);
      throw corrupt(`Object ${oid}`, "what GitHub says of it has another id");
    },
    async bring(revision, paths) {
      const take = (answer: unknown) => known.take(answer as ThingAnswer | null);
      await Promise.all(paths.map((path) => asker.ask(objectAt(revision, path)).then(take)));
    },
    async write(objects) {
      await writeTrees(asker, clock, objects);
      known.keep(objects);
    },
    async writeCommit(commit) {
      const oid = await writeCommit(asker, clock, commit);
      if (oid === commit.oid) known.keep([commit]);
      return oid;
    },
    close: () => Promise.resolve(),
  };
}

interface HistoryAnswer {
  readonly kind: string;
  readonly oid: string;
  readonly history?: { readonly nodes: readonly CommitAnswer[] };
}

/** What GitHub said of an object, and the object, where that could be made of it. */
interface Told {
  readonly answer: ThingAnswer;
  readonly object: GitObject | null;
}

/** Asks for one object; for the next commit of a walk with the ones before it. What comes is known before anyone hears of it. */
async function ask(asker: Asker, known: KnownObjects, oid: Oid): Promise<Told | null> {
  const count = known.ahead(oid);
  const found = await asker.ask(count === 1 ? objectById(oid) : historyOf(oid, count));
  const [commit, ...before] = (found as HistoryAnswer | null)?.history?.nodes ?? [];
  known.takeAll(before);
  const answer = commit ?? (found as ThingAnswer | null);
  return answer === null ? null : { answer, object: known.take(answer) };
}

function contentOf(object: GitObject, kind: ObjectKind, accept: (sizeBytes: number) => void): Uint8Array {
  if (object.kind !== kind) throw otherKind(object.oid, object.kind, kind);
  accept(object.content.length);
  return object.content;
}

function otherKind(oid: Oid, kind: string, wanted: ObjectKind): ToolError {
  return corrupt(`Object ${oid}`, `it is a ${kind}, not a ${wanted}`);
}

function absent(oid: Oid, location: string): ToolError {
  return new ToolError("state.object.missing", `GitHub does not hold the object ${oid} in ${location}`, {
    data: { object: oid, remote: location },
    hints: ["If a branch moved just now, run the same command again"],
  });
}
