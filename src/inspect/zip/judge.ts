import { printable } from "../../kernel/text.ts";
import { ArchiveLinks, linkEscapes } from "../archive-links.ts";
import type { Notes } from "../inspector.ts";
import type { ZipArchive } from "./archive.ts";
import { readMember } from "./member.ts";
import { zipProblems } from "./problems.ts";

const LONGEST_LINK = 4096;
const MOST_LINKS = 10_000;
/** More than this many bytes out of one, in an archive of some size, is unusual for software. */
const USUAL_RATIO = 200;
const RATIO_FROM_BYTES = 100_000_000;

/** Refuses symbolic links that lead out of the archive, and entries below one; their targets are the content of their entries. */
export async function judgeLinks(archive: ZipArchive): Promise<void> {
  const links = archive.entries.filter((entry) => entry.isLink);
  if (links.length > MOST_LINKS)
    throw zipProblems.error("too_large", `The archive has ${links.length} links, allowed are ${MOST_LINKS}`);
  for (const entry of links) {
    const target = new TextDecoder().decode(await readMember(archive, entry, LONGEST_LINK));
    if (linkEscapes(entry.name, target)) {
      const data = { name: printable(entry.name), target: printable(target) };
      throw zipProblems.error("link_escape", `The link ${data.name} leads out of the archive`, data);
    }
  }
  const names = new ArchiveLinks();
  for (const { name } of links) names.add(name);
  const behind = archive.entries.find(({ name, isLink }) => (isLink ? names.areAboveLink(name) : names.areAbove(name)));
  if (behind === undefined) return;
  const name = printable(behind.name);
  throw zipProblems.error("link_escape", `${name} lies behind a link`, { name });
}

/** Notes that the archive could be read, and how much it unpacks to when that is unusual. */
export function noteArchive(archive: ZipArchive, notes: Notes): void {
  const ratio = Math.round(archive.totalBytes / Math.max(1, archive.packedBytes));
  if (ratio > USUAL_RATIO && archive.totalBytes > RATIO_FROM_BYTES) {
    notes.check("zip.ratio", "warning", `The archive unpacks to ${ratio} times its size`, {
      ratio,
      total_bytes: archive.totalBytes,
    });
  }
}
