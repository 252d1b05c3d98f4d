import type { TarHeader } from "modern-tar";
import { printable } from "../../kernel/text.ts";
import { ArchiveLinks, linkEscapes } from "../archive-links.ts";
import { nameProblem } from "../archive-name.ts";
import { problemsOf } from "../problem.ts";

/** What may be wrong with a compressed tar archive. */
export const tarGzProblems = problemsOf(
  "tar_gz",
  "bad_archive",
  "bad_compression",
  "device",
  "duplicate_name",
  "link_escape",
  "name_invalid",
  "output_too_large",
  "path_escape",
  "too_many_entries",
);

const LONGEST_PATH = 4096;
/** All names together; they are kept to find duplicates. */
const MOST_NAME_BYTES = 128 << 20;

/** Judges the entries of an archive one after the other; nothing is ever unpacked to a disk. */
export interface TarJudge {
  readonly entry: (header: TarHeader) => void;
  readonly counts: () => { readonly entries: number; readonly totalBytes: number };
}

/** Starts judging an archive. */
export function tarJudge(mostEntries: number): TarJudge {
  const names = new Set<string>();
  const links = new ArchiveLinks();
  let entries = 0;
  let nameBytes = 0;
  let totalBytes = 0;
  return {
    entry: (header) => {
      entries += 1;
      nameBytes += header.name.length;
      if (entries > mostEntries || nameBytes > MOST_NAME_BYTES) {
        throw tarGzProblems.error(
          "too_many_entries",
          `The archive has more than ${mostEntries} entries, or their names are too long`,
        );
      }
      totalBytes += header.size;
      const name = judgedName(header.name);
      if (name === "") return;
      if (header.type === "symlink" ? links.areAboveLink(name) : links.areAbove(name))
        throw tarGzProblems.error("link_escape", `${printable(name)} lies behind a link`, { name: printable(name) });
      judgeType(header, name, links);
      if (header.type === "symlink") links.add(name);
      // A folder may be named again: tools that append do so. It replaces nothing.
      if (names.has(name) && header.type !== "directory") {
        throw tarGzProblems.error("duplicate_name", `Two entries are called ${printable(name)}`, {
          name: printable(name),
        });
      }
      names.add(name);
    },
    counts: () => ({ entries, totalBytes }),
  };
}

/** The name without leading `./` and final `/`; empty for the root folder itself, which tar names `./`. */
function judgedName(raw: string): string {
  const shown = printable(raw);
  const name = raw.replace(/^(?:\.\/)+/u, "").replace(/\/$/u, "");
  if (Buffer.byteLength(raw) > LONGEST_PATH)
    throw tarGzProblems.error("name_invalid", `A path is longer than ${LONGEST_PATH} bytes`);
  if ((name === "" || name === ".") && raw.startsWith(".")) return "";
  const bad = nameProblem(name);
  if (bad === "path_escape") throw tarGzProblems.error(bad, `${shown} leads out of the archive`, { name: shown });
  if (bad !== null) throw tarGzProblems.error(bad, `"${shown}" is no name for a file`, { name: shown });
  return name;
}

const SPECIAL: readonly TarHeader["type"][] = ["character-device", "block-device", "fifo"];

function judgeType({ type, linkname = "" }: TarHeader, name: string, links: ArchiveLinks): void {
  const data = { name: printable(name), target: printable(linkname) };
  if (SPECIAL.includes(type)) throw tarGzProblems.error("device", `${data.name} is a device or pipe`, data);
  if (type !== "symlink" && type !== "link") return;
  // A hard link names another entry from the root of the archive, a symbolic link from its own folder.
  const isHard = type === "link";
  if (linkEscapes(isHard ? "" : name, linkname))
    throw tarGzProblems.error("link_escape", `The link ${data.name} leads out of the archive`, data);
  // One more name of a symbolic link would make that lie elsewhere.
  if (isHard && links.areOn(linkname))
    throw tarGzProblems.error("link_escape", `The hard link ${data.name} is one to a link`, data);
}
