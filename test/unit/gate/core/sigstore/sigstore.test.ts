import { beforeAll, describe, expect, it } from "vitest";
import { bundleSigner, MAX_BUNDLE, rootProblem } from "../../../../../src/gate/core/sigstore/sigstore.ts";
import { sha256Hex } from "../../../../../src/kernel/digest.ts";
import type { TrustedRoot } from "../../../../../src/schema/types.gen.ts";
import {
  type BundleJson,
  type BundleOptions,
  ISSUER,
  makeSigstore,
  REPOSITORY,
  type Sigstore,
  WORKFLOW,
  workflow,
} from "../../../../support/sigstore.ts";

const bytes = Buffer.from("evidence\n");
const SHA256 = sha256Hex(bytes);
const SIGNER = { repositoryId: "4711", workflow: WORKFLOW, issuer: ISSUER };
let sigstore: Sigstore;
let bundle: BundleJson;
beforeAll(async () => {
  sigstore = await makeSigstore();
  bundle = await sigstore.bundle(bytes);
});

/** Reads a bundle, or members of a JSON, against the roots. */
const check = (json: BundleJson | string, roots: readonly TrustedRoot[] = [sigstore.root], about: Uint8Array = bytes) =>
  bundleSigner(typeof json === "string" ? json : JSON.stringify(json), { bytes: about, roots });
const made = async (options: BundleOptions) => check(await sigstore.bundle(bytes, options));
const bent = (change: (copy: BundleJson, entry: BundleJson["verificationMaterial"]["tlogEntries"][number]) => void) => {
  const copy = structuredClone(bundle);
  change(copy, copy.verificationMaterial.tlogEntries[0]!);
  return check(copy);
};

describe("a bundle over the bytes", () => {
  it("names the workflow that signed them, or that states that it made them", async () => {
    expect(check(bundle)).toEqual(SIGNER);
    expect(await made({ statement: {} })).toEqual(SIGNER);
    expect(await made({ statement: { _type: "https://in-toto.io/Statement/v0.1" } })).toEqual(SIGNER);
  });

  it("is believed by a time authority in place of a log's promise", async () => {
    expect(await made({ log: "proof", stamp: true })).toEqual(SIGNER);
    expect(await made({ log: "proof" })).toContain("expected 1 timestamps");
  });

  it("is believed by any one of several roots, and by none", async () => {
    const other = await makeSigstore();
    expect(check(bundle, [other.root, sigstore.root])).toEqual(SIGNER);
    expect(check(bundle, [other.root])).toContain("verify");
    expect(check(bundle, [])).toBe("no trusted root is in force");
  });

  it("needs no log where the root has none, as that for private repositories", async () => {
    const own = await makeSigstore({ certificateLog: false });
    const root = { ...own.root, tlogs: [] };
    const stamped = await own.bundle(bytes, { log: "none", stamp: true });
    expect(check(stamped, [root])).toEqual(SIGNER);
    expect(check(stamped, [own.root])).toContain("expected 1 tlog entries");
    expect(check(stamped, [{ ...root, ctlogs: sigstore.root.ctlogs ?? [] }])).toContain("SCT");
    expect(check(await own.bundle(bytes, { log: "none" }), [root])).toContain("expected 1 timestamps");
  });
});

describe("a bundle of somebody else", () => {
  const other = "https://github.com/acme/other";
  it.each([
    ["another repository", { 15: "4712" }, { repositoryId: "4712" }],
    ["another issuer", { 8: "https://token.example" }, { issuer: "https://token.example" }],
  ])("says so: %s", async (_, change, named) => {
    expect(await made({ workflow: workflow(change) })).toEqual({ ...SIGNER, ...named });
  });

  const at = (path: string, ref: string, repository = REPOSITORY) => {
    const uri = `${repository}/.github/workflows/${path}@${ref}`;
    return { 9: uri, 14: ref, 18: uri };
  };
  it.each([
    ["another workflow", at("other.yml", "refs/heads/main")],
    ["a branch", at("waybill-gate-sync.yml", "refs/heads/feature")],
    ["a tag", at("waybill-gate-sync.yml", "refs/tags/main")],
    ["a pull request", at("waybill-gate-sync.yml", "refs/pull/7/merge")],
  ])("says so: %s", async (_, change) => {
    const signer = await made({ workflow: workflow(change) });
    expect(signer).toEqual({ ...SIGNER, workflow: change[18].slice(REPOSITORY.length + 1) });
    expect(signer).not.toEqual(SIGNER);
  });

  const [own, elsewhere] = [`${REPOSITORY}/${WORKFLOW}`, `${other}/${WORKFLOW}`];
  const any = `${REPOSITORY}/.github/workflows/any.yml@refs/heads/main`;
  const rows: readonly (readonly [what: string, change: Record<number, string | null>, san: string, why: string])[] = [
    ["called as reusable by another workflow", { 18: any }, own, "another workflow signed"],
    ["calling a reusable one elsewhere", { 9: elsewhere }, elsewhere, "another workflow signed"],
    ["that signs by another one under its own name", { 9: any }, own, "another workflow signed"],
    ["whose name in the certificate is another's", {}, elsewhere, "another workflow signed"],
    ["that lies in another repository", { 9: elsewhere, 18: elsewhere }, elsewhere, "another repository"],
    ["of a repository whose name begins alike", { 12: REPOSITORY.slice(0, -1) }, own, "another repository"],
    ["that ran for another ref", { 14: "refs/heads/other" }, own, "another ref"],
    ["of a person, without a repository", { 12: null, 15: null }, own, "not issued to a workflow"],
    ["without the issuer's new form", { 8: null }, own, "not issued to a workflow"],
    ["without the workflow that was started", { 18: null }, own, "not issued to a workflow"],
    ["without a ref", { 14: null }, own, "not issued to a workflow"],
  ];
  it.each(rows)("is nobody's: a workflow %s", async (_, change, san, why) => {
    expect(await made({ workflow: workflow(change, san) })).toContain(why);
  });

  it("is nobody's where the certificate says a thing twice", async () => {
    const twice = workflow();
    const extensions = [...twice.extensions, [15, "4711"] as const];
    expect(await made({ workflow: { ...twice, extensions } })).toContain("not issued to a workflow");
  });

  it.each([
    ["text without a tag", "4711"],
    ["text of another tag", "\u0013\u00044711"],
    ["text with more behind it", "\u000c\u000447111"],
  ])("is nobody's where a name in the certificate is %s", async (_, value) => {
    expect(await made({ workflow: { ...workflow({ 15: value }), raw: [15] } })).toContain("not issued to a workflow");
  });

  it("is of a repository with a long name", async () => {
    const long = `https://github.com/acme/${"n".repeat(200)}`;
    const found = await made({ workflow: workflow({ 9: `${long}/${WORKFLOW}`, 12: long, 18: `${long}/${WORKFLOW}` }) });
    expect(found).toEqual(SIGNER);
  });
});

describe("a bundle over other bytes", () => {
  it("proves nothing", () => {
    expect(check(bundle, [sigstore.root], Buffer.from("other"))).toBe("it is about other bytes");
  });

  it("proves nothing where its log says something else than it signs", async () => {
    expect(await made({ logged: Buffer.from("other") })).toBe("it is about other bytes");
  });

  it.each([
    ["another predicate", { predicateType: "https://in-toto.io/attestation/vulns" }, "another than"],
    ["another form", { _type: "https://example.com/Statement" }, "its statement is none"],
    ["another payload", { payloadType: "text/plain" }, "something else than an in-toto statement"],
    ["no subject", { subject: [] }, "one"],
    ["two subjects", { subject: [1, 2].map(() => ({ name: "a", digest: { sha256: SHA256 } })) }, "one"],
    ["no digest", { subject: [{ name: "a" }] }, "one"],
    ["an unknown digest", { subject: [{ name: "a", digest: { md5: "00" } }] }, "other bytes"],
    ["another digest", { subject: [{ name: "a", digest: { sha256: "0".repeat(64) } }] }, "other bytes"],
    [
      "two digests that disagree",
      { subject: [{ name: "a", digest: { sha256: SHA256, sha512: "00" } }] },
      "other bytes",
    ],
  ])("proves nothing by a statement of %s", async (_, statement, why) => {
    expect(await made({ statement })).toContain(why);
  });
});

describe("a bundle out of time or log", () => {
  it("proves nothing", async () => {
    expect(await made({ lateMinutes: 20 })).toContain("certificate chain");
    expect(await made({ log: "none" })).toContain("expected 1 timestamps");
    expect(await made({ log: "none", stamp: true })).toContain("expected 1 tlog entries");
    expect(bent((_, entry) => void (entry.integratedTime = "1700000000"))).toContain("chain");
  });
});

describe("what is no bundle", () => {
  it.each([
    ["", "JSON"],
    ["{}", "invalid bundle"],
    ["null", ""],
    ["[]", ""],
    ['{"mediaType":1}', ""],
    ["[".repeat(60_000), "nests"],
    [`{"a":${"[".repeat(100)}${"]".repeat(100)}}`, "nests"],
    ['{"__proto__":{"mediaType":"x"}}', ""],
    ['{"mediaType":"a","mediaType":"b"}', "twice"],
  ])("is told in words: %.20s", (text, why) => {
    const answer = check(text);
    expect(typeof answer).toBe("string");
    expect(answer).toContain(why);
  });

  it("is not read where it is too large", () => {
    const began = performance.now();
    expect(check(" ".repeat(MAX_BUNDLE + 1) + JSON.stringify(bundle))).toContain("larger");
    expect(check("[".repeat(10_000_000))).toContain("larger");
    expect(performance.now() - began).toBeLessThan(500);
  });

  it("makes no bytes of an object that says how many there are", () => {
    const began = performance.now();
    for (const member of ["digest", "signature", "rawBytes", "canonicalizedBody"]) {
      const text = JSON.stringify(bundle).replace(new RegExp(`"${member}":"[^"]*"`), `"${member}":{"length":50000000}`);
      expect(check(text)).toBe("a member of it claims a length");
    }
    expect(performance.now() - began).toBeLessThan(500);
  });

  it("gives no name of a log to the library that would match as an expression", () => {
    const rename = (name: string) =>
      bent((_, { inclusionProof: { checkpoint } }) => {
        checkpoint.envelope = checkpoint.envelope.replace("\u2014 rekor.test ", `\u2014 ${name} `);
      });
    expect(rename("rekor.test")).toEqual(SIGNER);
    for (const name of [".*", "re+kor", "(.+)+(.+)+(.+)+!", "a|rekor", "rekor\u2014x"])
      expect(rename(name)).toContain("name of a log");
  });

  it("brings no more entries than it needs", () => {
    const many = bent((copy, entry) => {
      copy.verificationMaterial.tlogEntries = Array.from({ length: 9 }, () => entry);
    });
    expect(many).toContain("more log entries");
  });
});

describe("a trusted root", () => {
  it("is told from one that nothing can be held against", () => {
    const { root } = sigstore;
    expect(rootProblem(root)).toBeNull();
    expect(rootProblem({ ...root, tlogs: [], timestampAuthorities: [] })).toContain("when something was signed");
    const rotten = { certChain: { certificates: [{ rawBytes: "AAAA" }] } };
    expect(rootProblem({ ...root, certificateAuthorities: [rotten] })).not.toBeNull();
  });
});
