import { readCertificate, type Certificate } from "../certificate.ts";
import { cmsCertificates } from "../cms.ts";
import { isProblem } from "../problem.ts";
import type { ZipArchive } from "../zip/archive.ts";
import type { ZipEntry } from "../zip/entry.ts";
import { readMember } from "../zip/member.ts";

/** A JAR signature (scheme v1): that it is there and who made it, nothing of it is checked. */
export interface JarSignature {
  readonly certificates: readonly Certificate[];
  /** Schemes that its signature file says were used as well. */
  readonly alsoSigned: readonly string[];
}

const BLOCK = /^META-INF\/[^/]+\.(?:RSA|DSA|EC)$/i;
const MOST_BLOCKS = 10;
const LARGEST_SIGNATURE = 1 << 20;
const LARGEST_FILE = 8 << 20;
/** Numbers in `X-Android-APK-Signed` and the schemes they stand for. */
const SCHEMES: Readonly<Record<string, string>> = { "2": "v2", "3": "v3" };

/** Looks for the signature of scheme v1; null where a package has none. */
export async function readJarSignature(archive: ZipArchive): Promise<JarSignature | null> {
  const blocks = archive.entries.filter((entry) => BLOCK.test(entry.name)).slice(0, MOST_BLOCKS);
  const certificates: Certificate[] = [];
  const alsoSigned = new Set<string>();
  let isThere = false;
  for (const block of blocks) {
    const file = archive.byName.get(block.name.replace(/\.[^.]+$/, ".SF"));
    if (file === undefined) continue;
    isThere = true;
    const signer = await signerOf(archive, block);
    if (signer !== null) certificates.push(signer);
    for (const scheme of await schemesIn(archive, file)) alsoSigned.add(scheme);
  }
  return isThere ? { certificates, alsoSigned: [...alsoSigned] } : null;
}

/** The first certificate; one that cannot be read leaves the signer unknown. */
async function signerOf(archive: ZipArchive, block: ZipEntry): Promise<Certificate | null> {
  try {
    const [first] = cmsCertificates(await readMember(archive, block, LARGEST_SIGNATURE));
    return first === undefined ? null : readCertificate(first);
  } catch (cause) {
    if (isProblem(cause)) return null;
    throw cause;
  }
}

/** The attribute stands in the first section of the signature file. */
async function schemesIn(archive: ZipArchive, file: ZipEntry): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await readMember(archive, file, LARGEST_FILE));
  const [main = ""] = text.replaceAll("\r\n", "\n").split("\n\n", 1);
  const numbers = /^X-Android-APK-Signed: *([0-9, ]+)$/m.exec(main)?.[1] ?? "";
  return numbers.split(",").flatMap((number) => SCHEMES[number.trim()] ?? []);
}
