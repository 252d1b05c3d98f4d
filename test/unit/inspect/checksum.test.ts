import { expect, test } from "vitest";
import { checksum } from "../../../src/inspect/checksum.ts";

test("is the CRC-32 of the bytes, in 8 digits", () => {
  // The check value of https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-32-iso-hdlc
  expect(checksum(Buffer.from("123456789"))).toBe("cbf43926");
  expect(checksum(new Uint8Array())).toBe("00000000");
});
