import type { ByteSource } from "../kernel/byte-source.ts";
import { blockReader, type BlockReader } from "./block-reader.ts";
import { readCertificate, signerFact } from "./certificate.ts";
import { defineInspector, type Notes, type Reading } from "./inspector.ts";
import { certificatesIn, pkgProblems, readTable, readXarMember, type XarTable } from "./pkg/table.ts";
import { attributeOf, elementsNamed, readXml, type XmlElement } from "./xml.ts";

/** Reads a macOS installer package: ids and versions of what it installs, and whether a signature is there. */
export const pkg = defineInspector({
  id: "pkg",
  title: "macOS installer package",
  version: 1,
  problems: pkgProblems.codes,
  detect: (head) => head[0] === 0x78 && head[1] === 0x61 && head[2] === 0x72 && head[3] === 0x21,
  open: openPkg,
});

async function openPkg(file: ByteSource, notes: Notes): Promise<Reading> {
  const reader = blockReader(file, (message) => pkgProblems.error("truncated", message));
  const table = await readTable(reader);
  await notes.attempt(async () => notePackages(await packagesOf(reader, table), notes));
  noteSignature(table, notes);
  return {
    finish: () =>
      notes.check("pkg.table", "passed", "The table of contents was read; the files to install are not looked into"),
  };
}

/** Every part has a `PackageInfo` of its own; a `Distribution` at the top names the product that they make. */
async function packagesOf(
  reader: BlockReader,
  table: XarTable,
): Promise<{ readonly product: XmlElement | undefined; readonly parts: readonly XmlElement[] }> {
  const read = async (name: string) => {
    const member = table.members.find((one) => one.name === name);
    if (member === undefined) return undefined;
    return readXml(await readXarMember(reader, table, member), (message) => pkgProblems.error("bad_member", message));
  };
  const parts: XmlElement[] = [];
  for (const { name } of table.members
    .filter((member) => /^(?:[^/]+\.pkg\/)?PackageInfo$/.test(member.name))
    .slice(0, 100)) {
    const info = await read(name);
    if (info !== undefined) parts.push(info);
  }
  return { product: await read("Distribution"), parts };
}

function notePackages({ product, parts }: Awaited<ReturnType<typeof packagesOf>>, notes: Notes): void {
  const named = product === undefined ? undefined : [...elementsNamed(product, "product")][0];
  const [first] = parts;
  const identity = attributeOf(named, "id") ?? attributeOf(first, "identifier");
  if (identity === undefined) throw pkgProblems.error("no_package", "The package names nothing that it installs");
  const [volume] = product === undefined ? [] : elementsNamed(product, "os-version");
  const minimum = attributeOf(volume, "min");
  const [options] = product === undefined ? [] : elementsNamed(product, "options");
  notes.facts({
    identity,
    version: attributeOf(named, "version") ?? attributeOf(first, "version"),
    minimum_os: minimum === undefined ? undefined : `macOS ${minimum}`,
    architectures: (attributeOf(options, "hostArchitectures") ?? "").split(",").filter((name) => name !== ""),
    packages: parts.map((part) => ({
      id: attributeOf(part, "identifier") ?? null,
      version: attributeOf(part, "version") ?? null,
    })),
  });
  notes.check("pkg.packages", "passed", "The parts of the package were read");
}

/** Presence only: neither the signature nor its chain is checked. */
function noteSignature(table: XarTable, notes: Notes): void {
  const [signature] = table.signatures;
  if (signature === undefined) {
    notes.facts({ signature: { grade: "unsigned", signers: [], claimed_signers: [] } });
    notes.check(
      "pkg.signature",
      "warning",
      "The package is not signed, so macOS refuses to open it unless the user insists",
    );
    return;
  }
  const [der] = certificatesIn(signature);
  const signer = der === undefined ? null : readCertificate(der);
  notes.facts({
    signature: { grade: "present", signers: [], claimed_signers: signer === null ? [] : [signerFact(signer)] },
  });
  notes.check("pkg.signature", "passed", "A signature is there; it is not checked");
}
