import { ToolError } from "../../../kernel/errors.ts";

/** Reads the SSH wire format of RFC 4251 section 5: strings with a 32-bit length, big-endian integers. */
export interface WireReader {
  u32(): number;
  byte(): number;
  /** A string of bytes. Throws `ssh.malformed` where it is cut short. */
  string(): Uint8Array;
  text(): string;
  /** `length` bytes as they are. */
  raw(length: number): Uint8Array;
  /** Throws `ssh.malformed` where anything follows. */
  end(): void;
  readonly rest: number;
}

/** Opens a reader on bytes; nothing is copied. */
export function wireReader(bytes: Uint8Array, what: string): WireReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > buffer.length - at) throw malformed(`${what} is cut short`);
    at += length;
    return buffer.subarray(at - length, at);
  };
  const u32 = (): number => take(4).readUInt32BE(0);
  const string = (): Buffer => take(u32());
  return {
    u32,
    byte: () => take(1).readUInt8(0),
    string,
    text: () => string().toString("latin1"),
    raw: take,
    end() {
      if (at !== buffer.length) throw malformed(`${what} has ${buffer.length - at} bytes too many`);
    },
    get rest() {
      return buffer.length - at;
    },
  };
}

/** Writes a 32-bit integer. */
export function wireU32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Writes a string: length and bytes. */
export function wireString(content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  return Buffer.concat([wireU32(bytes.length), bytes]);
}

/** Makes the error of a key or signature that is not one. */
export function malformed(message: string): ToolError {
  return new ToolError("ssh.malformed", message);
}
