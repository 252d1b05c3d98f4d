import { ToolError } from "../../kernel/errors.ts";

/** Tells an address of this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Reads an address that may be asked at all: https, or plain http on this machine, or anywhere where the user accepts it. Throws `forge.insecure`. */
export function safeUrl(text: string, insecure: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && (insecure || isLoopback(url)))) return url;
  const where = url === null ? "Something that is no address" : `${url.protocol}//${url.host}`;
  throw new ToolError("forge.insecure", `${where} is not asked, because others could read along`, {
    data: { origin: url?.origin ?? null },
    hints: ["Use an https address"],
  });
}

/**
 * Origin to which files of a forge are uploaded. GitHub and its enterprise cloud have a host of its own for it, a server in a
 * company takes them where its API is. Source: https://docs.github.com/rest/releases/assets
 */
export function uploadsOrigin(apiUrl: string): string {
  const { protocol, host, origin } = new URL(apiUrl);
  const isCloud = host === "api.github.com" || /^api\.[a-z0-9-]+\.ghe\.com$/.test(host);
  return isCloud ? `${protocol}//${host.replace(/^api\./, "uploads.")}` : origin;
}

/** Lets an upload through only to the host for uploads; a forge on this machine may have a port of its own for them. */
export function expectUploadsHost(url: URL, apiUrl: string): void {
  const api = new URL(apiUrl);
  if (isLoopback(api) && url.protocol === api.protocol && url.hostname === api.hostname) return;
  expectOrigin(url, uploadsOrigin(apiUrl));
}

/** Lets a request with a token through only to the origin that the token is for. Throws `forge.foreign_host`. */
export function expectOrigin(url: URL, origin: string): void {
  if (url.origin === origin) return;
  throw new ToolError("forge.foreign_host", `The forge names ${url.origin}, and the token is for ${origin} only`, {
    data: { named: url.origin, expected: origin },
    hints: ["Check the address of the API"],
  });
}
