import { buildTarGz } from "./tar-builder.ts";

/** A member of an ar archive, with header fields that a test can make lie. */
export interface ArInput {
  readonly name: string;
  readonly content: Uint8Array | string;
  readonly size?: string;
}

/** Builds an ar archive. */
export function buildAr(members: readonly ArInput[]): Buffer {
  const parts = members.flatMap(({ name, content, size }) => {
    const bytes = Buffer.from(content);
    const header = `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${(size ?? String(bytes.length)).padEnd(10)}\`\n`;
    return [Buffer.from(header), bytes, Buffer.alloc(bytes.length % 2, "\n")];
  });
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}

/** Builds a Debian package around the text of a control file. */
export function buildDeb(control: string): Buffer {
  return buildAr([
    { name: "debian-binary", content: "2.0\n" },
    {
      name: "control.tar.gz",
      content: buildTarGz([
        { name: "./", type: "5" },
        { name: "./control", content: control },
      ]),
    },
    { name: "data.tar.xz", content: "not looked at" },
  ]);
}
