/** An element of a manifest in protobuf form. */
export interface ProtoNode {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly ProtoNode[];
}

const varint = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];

/** Writes a field of bytes. */
export function protoBytes(number: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

/** Writes a manifest as aapt2 does; attributes of Android begin with `android:`. */
export function buildProtoManifest(node: ProtoNode): Buffer {
  const attributes = Object.entries(node.attributes ?? {}).map(([key, value]) => {
    const isAndroid = key.startsWith("android:");
    const namespace = isAndroid ? [protoBytes(1, "http://schemas.android.com/apk/res/android")] : [];
    return protoBytes(
      4,
      Buffer.concat([
        ...namespace,
        protoBytes(2, key.replace("android:", "")),
        protoBytes(3, value),
        Buffer.from([0x28, 0x01]),
      ]),
    );
  });
  const children = (node.children ?? []).map((child) => protoBytes(5, buildProtoManifest(child)));
  return protoBytes(1, Buffer.concat([protoBytes(3, node.name), ...attributes, ...children]));
}

/** The manifest of a plain bundle. */
export const PLAIN_BUNDLE: ProtoNode = {
  name: "manifest",
  attributes: { package: "com.example.notes", "android:versionCode": "7", "android:versionName": "1.2.0" },
  children: [
    { name: "uses-sdk", attributes: { "android:minSdkVersion": "24", "android:targetSdkVersion": "34" } },
    { name: "uses-permission", attributes: { "android:name": "android.permission.INTERNET" } },
    { name: "application" },
  ],
};
