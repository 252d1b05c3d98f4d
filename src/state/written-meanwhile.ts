import type { Folder } from "../ports/files.ts";

/** A folder in which others need not wait until what they write is on the disk: whoever made it waits for all of it. */
export function writtenMeanwhile(cache: Folder): { readonly cache: Folder; readonly written: () => Promise<unknown> } {
  const writes: Promise<void>[] = [];
  const write: Folder["write"] = async (path, content) => {
    const writing = cache.write(path, content);
    // It is waited for later; until then an error is nobody's.
    writing.catch(() => undefined);
    writes.push(writing);
  };
  return { cache: { ...cache, write }, written: () => Promise.all(writes) };
}
