import type { BlockReader } from "../block-reader.ts";
import { problemsOf } from "../problem.ts";

/** What may be wrong with a Debian package. */
export const debProblems = problemsOf(
  "deb",
  "bad_archive",
  "bad_control",
  "control_missing",
  "control_too_large",
  "truncated",
);

/** A member of the archive that a package is. */
export interface ArMember {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

// Source: man 5 ar, man 5 deb.
const MAGIC_BYTES = 8;
const HEADER_BYTES = 60;
const HEADER_END = "`\n";
const MOST_MEMBERS = 64;

/** Lists the members; they must fill the file, so that nothing lies between or behind them. */
export async function readMembers(reader: BlockReader): Promise<readonly ArMember[]> {
  const members: ArMember[] = [];
  for (let at = MAGIC_BYTES; at < reader.sizeBytes; ) {
    const header = new TextDecoder("latin1").decode(await reader.read(at, HEADER_BYTES));
    const size = header.slice(48, 58).trimEnd();
    if (!header.endsWith(HEADER_END) || !/^\d{1,10}$/.test(size))
      throw debProblems.error("bad_archive", "The package holds something that is no member");
    const member = {
      name: header.slice(0, 16).trimEnd().replace(/\/$/, ""),
      offset: at + HEADER_BYTES,
      sizeBytes: Number(size),
    };
    if (member.offset + member.sizeBytes > reader.sizeBytes)
      throw debProblems.error("truncated", "The package ends inside one of its members");
    members.push(member);
    if (members.length > MOST_MEMBERS)
      throw debProblems.error("bad_archive", `The package has more than ${MOST_MEMBERS} members`);
    // Members begin at even places.
    at = member.offset + member.sizeBytes + (member.sizeBytes % 2);
  }
  return members;
}
