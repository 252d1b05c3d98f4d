import { byCodePoint } from "../../kernel/text.ts";
import type { Oid } from "../../kernel/oid.ts";
import { type DaySealing, keyAt } from "../document-kind.ts";
import { isNoDocument } from "../no-document.ts";
import type { Ground } from "../transact.ts";
import type { View } from "../view.ts";
import { type FileBelow, filesBelow, foldersAt } from "./files-below.ts";
import { type FolderPlan, planFolder } from "./plan.ts";
import { type SealedKind, sealedKinds, segmentPath } from "./segment-path.ts";

/** A day that is over and not sealed yet. */
export interface DayCandidate extends SealedKind<DaySealing> {
  readonly folder: string;
  readonly day: string;
}

/** Days that are over and not sealed yet, oldest first, and the folders of those that are not as the anchor saw them. */
export async function daysOver(
  { store, kinds }: Ground,
  tip: Oid,
  asked: { readonly anchor: { readonly commit: Oid }; readonly before: string },
): Promise<{ readonly days: readonly DayCandidate[]; readonly waiting: readonly string[] }> {
  const days: DayCandidate[] = [];
  const waiting: string[] = [];
  for (const { kind, sealing } of sealedKinds(kinds)) {
    if (sealing.by !== "day") continue;
    const over = (await foldersAt(store, tip, sealing.folder)).flatMap((folder) => {
      const day = sealing.dayOf(keyAt({ path: sealing.folder }, folder) ?? {});
      return /^\d{4}-\d{2}-\d{2}$/.test(day) && day < asked.before ? [{ kind, sealing, folder, day }] : [];
    });
    const names = over.map(({ folder }) => folder);
    const segments = names.map((folder) => segmentPath(folder, 1));
    const [now, then] = await Promise.all([
      store.read(tip, [...names, ...segments]),
      store.read(asked.anchor.commit, names),
    ]);
    for (const [i, candidate] of over.entries()) {
      // What lies beside a segment came too late, or was no document.
      if (now[names.length + i]) continue;
      if (now[i]?.oid === then[i]?.oid) days.push(candidate);
      else waiting.push(candidate.folder);
    }
  }
  return { days: days.toSorted((a, b) => byCodePoint(a.day, b.day) || byCodePoint(a.folder, b.folder)), waiting };
}

/**
 * Plans the segments of a day as it is at the view's commit, where its folder is, byte for byte, the one that the anchor holds; null
 * where it is not. The folder and its first segment become part of the read set.
 */
export async function planDay(
  { store, schemas }: Ground,
  view: View,
  anchor: { readonly commit: Oid },
  { kind, sealing, folder }: DayCandidate,
): Promise<FolderPlan | null> {
  await view.names(folder);
  if (await view.isSealed(kind.name, keyAt({ path: sealing.folder }, folder) ?? {})) return null;
  const [[now], [then]] = await Promise.all([store.read(view.at, [folder]), store.read(anchor.commit, [folder])]);
  if (now?.oid !== then?.oid) return null;
  return planFolder(schemas, kind, folder, await filesBelow(store, view.at, folder).catch(unreadable));
}

/** A folder with a file that no reader takes stays as it is, and verify names that file. */
function unreadable(cause: unknown): readonly FileBelow[] {
  if (isNoDocument(cause)) return [];
  throw cause;
}
