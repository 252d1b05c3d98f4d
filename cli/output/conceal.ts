import type { Stream } from "../host.ts";

/** Shorter values are words that also stand elsewhere. */
const MIN_LENGTH = 8;

/** A stream that never shows what must stay secret, whoever put it into a message: git, a remote, a bug. */
export function concealing(stream: Stream, secrets: readonly string[]): Stream {
  const held = secrets.filter(({ length }) => length >= MIN_LENGTH).toSorted((a, b) => b.length - a.length);
  return {
    ...stream,
    write: (text) => stream.write(held.reduce((shown, secret) => shown.replaceAll(secret, "***"), text)),
  };
}
