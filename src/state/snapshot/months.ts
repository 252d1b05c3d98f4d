import { msOf, timestamp } from "../../kernel/time.ts";
import type { AnyKind } from "../document-kind.ts";
import type { FactFile } from "./facts.ts";

/** Days of history that every command loads, at least. */
const CORE_DAYS = 90;
const DAY_MS = 86_400_000;
/** What a month of ours looks like: it becomes the name of a file. */
const MONTH = /^\d{4}-\d{2}$/;

/** Tells whether a text is a month, `yyyy-mm`. */
export function isMonth(text: string): boolean {
  return MONTH.test(text);
}

/** First month whose rows lie in the core; it follows from the time of the tip, so that a rebuild cuts at the same one. */
export function firstMonth(tipAt: string): string {
  return timestamp(new Date(msOf(tipAt) - CORE_DAYS * DAY_MS)).slice(0, 7);
}

/** Month of the shard that a file's rows belong in; null where that is the core. */
export function shardMonth({ kind, key }: FactFile["place"], first: string): string | null {
  const month = kind.history?.monthOf(key);
  return month !== undefined && isMonth(month) && month < first ? month : null;
}

/** Prepares to tell the folders on the way to the documents of a month, and those below. */
export function monthFolders(kinds: readonly AnyKind[], month: string): (folder: string) => boolean {
  const own = kinds.flatMap(({ history }) => (history === undefined ? [] : [`${history.folderOf(month)}/`]));
  return (folder) => own.some((one) => `${folder}/`.startsWith(one) || one.startsWith(`${folder}/`));
}
