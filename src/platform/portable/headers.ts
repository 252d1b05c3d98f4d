import { withoutSecret } from "../../kernel/text.ts";
import type { Settings } from "./config.ts";

/** An address without who asks, and the headers that say it. */
export interface Addressed {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Takes user and password out of an address, and adds what `http.extraHeader` and `http.<url>.extraHeader` say. Source: git-config(1). */
export function addressed(address: string, settings: Settings): Addressed {
  const url = new URL(address);
  const headers: Record<string, string> = {};
  if (url.username !== "" || url.password !== "") {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
  }
  for (const line of extraHeaders(url, settings)) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { url: withoutSecret(address).replace(/\/+$/, ""), headers };
}

/** An empty value forgets those before it. */
function extraHeaders(url: URL, settings: Settings): readonly string[] {
  let lines: readonly string[] = [];
  for (const [name, value] of settings) {
    const [isOne, place] = /^http\.(?:(.*)\.)?extraheader$/is.exec(name) ?? [];
    if (isOne === undefined || !(place === undefined || isBelow(url, place))) continue;
    lines = value === "" ? [] : [...lines, value];
  }
  return lines;
}

function isBelow(url: URL, place: string): boolean {
  if (!URL.canParse(place)) return false;
  const base = new URL(place);
  const path = base.pathname.replace(/\/+$/, "");
  return url.origin === base.origin && (url.pathname === path || url.pathname.startsWith(`${path}/`));
}
