import { describe, expect, it } from "vitest";
import { cmsCertificates, cmsContent } from "../../../src/inspect/cms.ts";
import { der, makeCms, makeIdentity } from "../../support/apk-certificate.ts";

describe("signed message", () => {
  const { certificate } = makeIdentity("ec");
  const content = Buffer.from("a property list of some length");

  it.each([false, true])("gives content and certificates, with indefinite lengths: %s", (indefinite) => {
    const message = makeCms(content, [certificate, certificate], indefinite);
    expect(Buffer.from(cmsContent(message)).equals(content)).toBe(true);
    expect(cmsCertificates(message).map((one) => Buffer.from(one).equals(certificate))).toEqual([true, true]);
  });

  it("passes over attribute certificates", () => {
    expect(cmsCertificates(makeCms(content, [der(0xa1), certificate]))).toHaveLength(1);
  });

  it("bounds the certificates", () => {
    const many = Array.from({ length: 65 }, () => der(0x30));
    expect(() => cmsCertificates(makeCms(content, many))).toThrow("more than 64");
  });

  it.each([
    ["no signed data", der(0x30, der(0x05))],
    ["no content", der(0x30, der(0x06), der(0xa0, der(0x30, der(0x02), der(0x31), der(0x30, der(0x06)))))],
  ])("refuses a message with %s", (_, message) => {
    expect(() => cmsContent(message)).toThrow(expect.objectContaining({ code: "inspect.asn1.bad_value" }));
  });
});
