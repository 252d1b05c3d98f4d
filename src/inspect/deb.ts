import { gunzipSync } from "node:zlib";
import { unpackTar } from "modern-tar";
import type { ByteSource } from "../kernel/byte-source.ts";
import { decodeUtf8, printable } from "../kernel/text.ts";
import { blockReader, type BlockReader } from "./block-reader.ts";
import { parseControl, type Control } from "./deb/control.ts";
import { debProblems, readMembers, type ArMember } from "./deb/members.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";

const MAGIC = "!<arch>\ndebian-binary";
const LARGEST_PACKED_CONTROL = 16 << 20;
const LARGEST_CONTROL = 64 << 20;

/** Reads a Debian package: name, version and processor type from its control file. */
export const deb = defineInspector({
  id: "deb",
  title: "Debian package",
  version: 1,
  problems: debProblems.codes,
  detect: (head) => new TextDecoder("latin1").decode(head.subarray(0, MAGIC.length)) === MAGIC,
  open: openDeb,
});

async function openDeb(file: ByteSource, notes: Notes): Promise<Reading> {
  const reader = blockReader(file, (message) => debProblems.error("truncated", message));
  const [binary, control, data, ...others] = (await readMembers(reader)).filter(({ name }) => !name.startsWith("_"));
  if (binary?.name !== "debian-binary" || control === undefined || !control.name.startsWith("control.tar")) {
    throw debProblems.error("control_missing", "The second member of the package is no control archive");
  }
  if (data === undefined || !data.name.startsWith("data.tar") || others.length > 0) {
    throw debProblems.error(
      "bad_archive",
      "The package must hold a control archive, then one data archive, and nothing else",
    );
  }
  const archive = await controlArchive(reader, control);
  if (archive === null) {
    notes.check(
      "deb.control",
      "warning",
      `The control archive is packed as ${printable(control.name)}, which is not read here`,
    );
  } else {
    noteControl(parseControl(await controlFile(archive)), notes);
  }
  return { finish: () => notes.check("deb.members", "passed", "The members of the package fill it") };
}

/** Unpacks the control archive; null where it is packed with something that is not read here. */
async function controlArchive(reader: BlockReader, member: ArMember): Promise<Uint8Array | null> {
  if (member.sizeBytes > LARGEST_PACKED_CONTROL) throw tooLarge(member.sizeBytes);
  const packed = await reader.read(member.offset, member.sizeBytes);
  if (member.name === "control.tar") return packed;
  if (member.name !== "control.tar.gz") return null;
  try {
    return gunzipSync(packed, { maxOutputLength: LARGEST_CONTROL });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(LARGEST_CONTROL);
    throw debProblems.error("bad_control", "The control archive is damaged");
  }
}

async function controlFile(archive: Uint8Array): Promise<string> {
  const found = await unpackTar(archive, {
    strict: true,
    filter: ({ name }) => name.replace(/^\.\//, "") === "control",
  }).catch(() => {
    throw debProblems.error("bad_control", "The control archive is no tar archive");
  });
  const [control, other] = found;
  if (control?.data === undefined || other !== undefined)
    throw debProblems.error("control_missing", "The control archive holds no control file, or two");
  try {
    return decodeUtf8(control.data, "control");
  } catch {
    throw debProblems.error("bad_control", "The control file is no valid UTF-8");
  }
}

function noteControl(control: Control, notes: Notes): void {
  const field = (name: string) => {
    const value = control.get(name);
    return value === undefined || value === "" ? undefined : printable(value);
  };
  const [identity, version] = [field("package"), field("version")];
  if (identity === undefined || version === undefined)
    throw debProblems.error("bad_control", "The control file names no package or no version");
  notes.facts({
    identity,
    version,
    architectures: [field("architecture") ?? "unknown"],
    name: identity,
    maintainer: field("maintainer") ?? null,
    depends: field("depends") ?? null,
  });
  notes.check("deb.control", "passed", "The control file was read");
}

function tooLarge(sizeBytes: number) {
  return debProblems.error(
    "control_too_large",
    `The control archive has ${sizeBytes} bytes or more, which is too much`,
  );
}
