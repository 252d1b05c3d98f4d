/**
 * Shapes of secrets that no document may carry: our own tokens, forge and cloud tokens, private keys.
 * What is not caught: a secret without a known shape that this process does not hold itself.
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

/** Tells whether a text carries a secret: one of a known shape, or one of `held`, plain, inside JSON, base64 or URL-encoded. */
export function carriesSecret(text: string, held: readonly string[] = []): boolean {
  if (SHAPES.some((shape) => shape.test(text))) return true;
  return held.some((secret) => secret.length >= 8 && formsOf(secret).some((form) => text.includes(form)));
}

function formsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString("base64").replaceAll("=", "");
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, json, encodeURIComponent(secret), base64, Buffer.from(secret).toString("base64url")];
}
