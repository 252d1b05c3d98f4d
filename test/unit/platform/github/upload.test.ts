import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../../src/kernel/digest.ts";
import { uploadsOrigin } from "../../../../src/platform/github/hosts.ts";
import { sendFile } from "../../../../src/platform/github/upload.ts";
import { sourceOf } from "../../../support/inspect-bytes.ts";
import { loopback } from "../../../support/loopback.ts";

const sender = { token: "t", userAgent: "waybill" };
const steps: number[] = [];

function fileOf(bytes: Buffer, sent: Buffer = bytes) {
  steps.length = 0;
  const onBytes = (done: number) => void steps.push(done);
  return {
    name: "a.bin",
    contentType: "application/zip",
    sizeBytes: bytes.length,
    sha256: sha256Hex(bytes),
    from: sourceOf(sent),
    onBytes,
  };
}

describe("an upload", () => {
  it("sends the bytes in pieces with their exact length and type, and answers what was said", async () => {
    const { asked, origin } = await loopback(() => ({ status: 201, body: { id: 7 } }));
    const bytes = Buffer.alloc(700_001, "waybill");
    expect(await sendFile(new URL(`${origin}/up?name=a.bin`), sender, fileOf(bytes))).toEqual({ id: 7 });
    expect(asked[0]?.body.equals(bytes)).toBe(true);
    expect(asked[0]?.headers).toMatchObject({
      "content-length": "700001",
      "content-type": "application/zip",
      authorization: "token t",
    });
    expect(asked[0]?.headers["transfer-encoding"]).toBeUndefined();
    expect([steps.length, steps.at(-1)]).toEqual([3, 700_001]);
  });

  it("sends nothing of a small file that is another one by now, and never the end of a large one", async () => {
    const { asked, origin } = await loopback(() => ({ status: 201, body: {} }));
    const small = fileOf(Buffer.from("hello"), Buffer.from("hullo"));
    await expect(sendFile(new URL(origin), sender, small)).rejects.toMatchObject({ code: "dist.upload.verify_failed" });
    const large = fileOf(Buffer.alloc(900_000, "a"), Buffer.alloc(900_000, "b"));
    await expect(sendFile(new URL(origin), sender, large)).rejects.toMatchObject({ code: "dist.upload.verify_failed" });
    const shorter = fileOf(Buffer.alloc(900_000, "a"), Buffer.alloc(500_000, "a"));
    await expect(sendFile(new URL(origin), sender, shorter)).rejects.toMatchObject({
      code: "dist.upload.verify_failed",
    });
    expect(asked).toHaveLength(0);
  });

  it("follows no redirect and says what was refused", async () => {
    const { asked, origin } = await loopback(({ url }) =>
      url === "/moved"
        ? { status: 307, headers: { location: "/there" } }
        : { status: 422, body: { message: "Validation Failed", errors: [{ code: "already_exists" }] } },
    );
    const file = fileOf(Buffer.from("x"));
    await expect(sendFile(new URL(`${origin}/moved`), sender, file)).rejects.toMatchObject({ status: 307 });
    await expect(sendFile(new URL(`${origin}/up`), sender, file)).rejects.toMatchObject({
      status: 422,
      message: "Validation Failed",
    });
    expect(asked.map(({ url }) => url)).toEqual(["/moved", "/up"]);
  });

  it("ends without an answer where the connection is cut", async () => {
    const { origin } = await loopback(() => "cut");
    await expect(sendFile(new URL(origin), sender, fileOf(Buffer.alloc(600_000)))).rejects.not.toHaveProperty("status");
  });
});

describe("the host for uploads", () => {
  it("is known from the host of the API", () => {
    expect(uploadsOrigin("https://api.github.com")).toBe("https://uploads.github.com");
    expect(uploadsOrigin("https://api.acme.ghe.com")).toBe("https://uploads.acme.ghe.com");
    expect(uploadsOrigin("https://ghe.acme.example/api/v3")).toBe("https://ghe.acme.example");
    expect(uploadsOrigin("https://api.acme.example/v3")).toBe("https://api.acme.example");
    expect(uploadsOrigin("http://127.0.0.1:4711")).toBe("http://127.0.0.1:4711");
  });
});
