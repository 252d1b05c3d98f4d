/**
 * Shapes of secrets that no document may carry: our own tokens, forge and cloud tokens, private keys.
 * What is not caught: a secret without a known shape that this process does not hold itself, one that is split or encrypted, and
 * encodings other than those of {@link carriesSecret}.
 */
const SHAPES: readonly RegExp[] = [
  /\bdist_[0-9a-f]{64}\b/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\bgh[pousr]_[A-Za-z0-9]{36,}\b/,
  /\bgithub_pat_[A-Za-z0-9_]{22,}\b/,
  /\bglpat-[A-Za-z0-9_-]{20,}\b/,
  /\bAKIA[0-9A-Z]{16}\b/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}\b/,
  /\bnpm_[A-Za-z0-9]{36}\b/,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\b/,
];

/** Tells whether a text carries a secret: one of a known shape, or one of `held`, plain, inside JSON, URL-encoded, or in base64 of a text around it. */
export function carriesSecret(text: string, held: readonly string[] = []): boolean {
  if (SHAPES.some((shape) => shape.test(text))) return true;
  return held.some((secret) => secret.length >= 8 && formsOf(secret).some((form) => text.includes(form)));
}

function formsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const address = encodeURIComponent(secret);
  const lower = address.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [secret, json, address, lower, ...base64Forms(secret, "base64"), ...base64Forms(secret, "base64url")];
}

/** What base64 of any text that holds a secret holds: it depends on how many bytes stand before, and on what stands at both ends. */
function base64Forms(secret: string, form: "base64" | "base64url"): readonly string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString(form);
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
}
