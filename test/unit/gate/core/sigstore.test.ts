import { beforeAll, describe, expect, it } from "vitest";
import { bundleSigner } from "../../../../src/gate/core/sigstore.ts";
import {
  type BundleOptions,
  ISSUER,
  makeSigstore,
  type Sigstore,
  WORKFLOW,
  workflow,
} from "../../../support/sigstore.ts";

const bytes = Buffer.from("evidence\n");
let sigstore: Sigstore;
beforeAll(async () => {
  sigstore = await makeSigstore();
});

const read = async (options: BundleOptions = {}) =>
  bundleSigner(JSON.stringify(await sigstore.bundle(bytes, options)), { bytes, roots: [sigstore.root] });

describe("x", () => {
  it("names", async () => {
    expect(await read()).toEqual({ repositoryId: "4711", workflow: WORKFLOW, issuer: ISSUER });
    expect(await read({ statement: {} })).toEqual({ repositoryId: "4711", workflow: WORKFLOW, issuer: ISSUER });
    expect(await read({ log: "proof", stamp: true })).toEqual({
      repositoryId: "4711",
      workflow: WORKFLOW,
      issuer: ISSUER,
    });
    expect(await read({ log: "proof" })).toContain("expected 1 timestamps");
    expect(await read({ lateMinutes: 20 })).toContain("chain");
    expect(await read({ workflow: workflow({ 14: "refs/heads/x" }) })).toContain("another ref");
  });
});
