import type { Stream } from "../host.ts";

/** Shorter values are words that also stand elsewhere. */
const MIN_LENGTH = 8;

/** Takes out of texts what must stay secret, as it is and as JSON writes it, whoever put it there: git, a remote, a bug. */
export function concealer(secrets: readonly string[]): (text: string) => string {
  const held = secrets
    .filter(({ length }) => length >= MIN_LENGTH)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .toSorted((a, b) => b.length - a.length);
  return (text) => held.reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
}

/** A stream that never shows what must stay secret. */
export function concealing(stream: Stream, secrets: readonly string[]): Stream {
  const conceal = concealer(secrets);
  return { ...stream, write: (text) => stream.write(conceal(text)) };
}
