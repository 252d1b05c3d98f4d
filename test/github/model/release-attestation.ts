import type { FakeAttestation } from "./settings.ts";
import type { FakeRelease } from "./releases.ts";

const PREDICATE = "https://in-toto.io/attestation/release/v0.2";

/** What GitHub attests of an immutable release: tag object, tag name and the digest of each asset. Its signature is made up. */
export function releaseAttestation(repository: string, release: FakeRelease, tagObject: string): FakeAttestation {
  const files = release.assets.map(({ name, digest }) => ({
    name,
    digest: { sha256: (digest ?? "").replace(/^sha256:/, "") },
  }));
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ uri: `pkg:github/${repository}@${release.tag}`, digest: { sha1: tagObject } }, ...files],
    predicateType: PREDICATE,
    predicate: { repository, tag: release.tag, releaseId: String(release.id) },
  };
  const payload = Buffer.from(JSON.stringify(statement)).toString("base64");
  return {
    digest: `sha1:${tagObject}`,
    predicateType: PREDICATE,
    bundle: {
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: { timestampVerificationData: {}, certificate: { rawBytes: "" } },
      dsseEnvelope: { payload, payloadType: "application/vnd.in-toto+json", signatures: [{ sig: "" }] },
    },
  };
}
