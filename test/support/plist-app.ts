import { makeCms } from "./apk-certificate.ts";
import { buildXmlPlist, type PlistInput } from "./plist-builder.ts";
import { buildZip, type ZipInput } from "./zip-builder.ts";

/** One processor type of a Mach-O file to build. */
export interface SliceInput {
  readonly cpu?: number;
  readonly subtype?: number;
  readonly encrypted?: boolean;
  readonly signed?: boolean;
  readonly commandLength?: number;
}

const u32 = (...values: readonly number[]) => Buffer.from(Uint32Array.from(values).buffer);

/** Builds a thin Mach-O file for arm64 unless told otherwise. */
export function buildMachO({
  cpu = 0x0100_000c,
  subtype = 0,
  encrypted = false,
  signed = true,
  commandLength,
}: SliceInput = {}): Buffer {
  const commands = [
    u32(0x2c, commandLength ?? 24, 0x4000, 0x4000, encrypted ? 1 : 0, 0),
    ...(signed ? [u32(0x1d, 16, 0x8000, 64)] : []),
  ];
  const body = Buffer.concat(commands);
  return Buffer.concat([u32(0xfeedfacf, cpu, subtype, 2, commands.length, body.length, 0, 0), body, Buffer.alloc(64)]);
}

/** Joins Mach-O files to one for several processors, each at the offset given or behind the one before. */
export function buildFat(
  slices: readonly Buffer[],
  lie: { readonly count?: number; readonly offset?: number } = {},
): Buffer {
  const header = Buffer.alloc(8 + slices.length * 20);
  header.writeUInt32BE(0xcafebabe);
  header.writeUInt32BE(lie.count ?? slices.length, 4);
  let offset = 4096;
  const parts: Buffer[] = [header, Buffer.alloc(4096 - header.length)];
  for (const [index, slice] of slices.entries()) {
    const at = 8 + index * 20;
    header.writeUInt32BE(slice.readUInt32LE(4), at);
    header.writeUInt32BE(lie.offset ?? offset, at + 8);
    header.writeUInt32BE(slice.length, at + 12);
    parts.push(slice);
    offset += slice.length;
  }
  return Buffer.concat(parts);
}

/** What `Info.plist` of a plain app says. */
export const PLAIN_INFO = {
  CFBundleIdentifier: "com.example.notes",
  CFBundleShortVersionString: "1.2.0",
  CFBundleVersion: "42",
  CFBundleExecutable: "Notes",
  CFBundleDisplayName: "Notes",
  CFBundleSupportedPlatforms: ["iPhoneOS"],
  MinimumOSVersion: "15.0",
} as const satisfies Record<string, PlistInput>;

/** What an ad hoc profile for the plain app says. */
export const PLAIN_PROFILE = {
  Name: "Notes Ad Hoc",
  UUID: "00000000-0000-4000-8000-000000000000",
  TeamIdentifier: ["ABCDE12345"],
  TeamName: "Example Ltd",
  ExpirationDate: new Date("2027-01-01T00:00:00Z"),
  ProvisionedDevices: ["device-1", "device-2"],
  Entitlements: { "application-identifier": "ABCDE12345.com.example.notes", "get-task-allow": false },
} satisfies Record<string, PlistInput>;

/** The files of an app; `null` leaves one out. */
export interface AppInput {
  readonly info?: Uint8Array | null;
  readonly profile?: Uint8Array | null;
  readonly executable?: Uint8Array | null;
  readonly folder?: string;
  readonly more?: readonly ZipInput[];
}

/** Builds an IPA. */
export function buildIpa(app: AppInput = {}): Buffer {
  const folder = app.folder ?? "Payload/Notes.app/";
  const files: readonly (readonly [string, Uint8Array | null])[] = [
    ["Info.plist", app.info === undefined ? buildXmlPlist(PLAIN_INFO) : app.info],
    ["embedded.mobileprovision", app.profile === undefined ? makeCms(buildXmlPlist(PLAIN_PROFILE)) : app.profile],
    ["Notes", app.executable === undefined ? buildMachO() : app.executable],
  ];
  const entries = files.flatMap(([name, content]) => (content === null ? [] : [{ name: folder + name, content }]));
  return buildZip([...entries, ...(app.more ?? [])]);
}
