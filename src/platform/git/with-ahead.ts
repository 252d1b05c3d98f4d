import type { Oid } from "../../kernel/oid.ts";
import { type Ahead, type RawObjects, readAllOf, unanswered } from "./raw-objects.ts";
import type { ObjectKind } from "./objects.ts";

/** Raw objects of which those that came ahead are taken from there, and only the others are asked for. */
export function withAhead(raw: RawObjects, ahead: Ahead): RawObjects {
  const readAll = readAllOf(raw);
  const take = (oid: Oid, kind: ObjectKind, accept: (sizeBytes: number) => void) => {
    const content = ahead.get(oid, kind);
    if (content !== undefined) accept(content.length);
    return content;
  };
  return {
    ...raw,
    async read(oid, kind, accept) {
      if (kind === "commit") await ahead.until(oid);
      return take(oid, kind, accept) ?? raw.read(oid, kind, accept);
    },
    async readAll(oids, kind, accept) {
      // Whoever walks a history asks for its commits in order, each before what it brings.
      const last = kind === "commit" ? oids.at(-1) : undefined;
      if (last !== undefined) await ahead.until(last);
      const contents = oids.map((oid) => take(oid, kind, accept));
      const wanted = oids.filter((_, i) => contents[i] === undefined);
      if (wanted.length === 0) return contents.filter((content) => content !== undefined);
      const asked = (await readAll(wanted, kind, accept)).values();
      return contents.map((content) => content ?? asked.next().value ?? unanswered());
    },
  };
}
