import type { Call, Reply } from "../route.ts";

/** A handler's "no": thrown where it is found, and sent by the wrapper of `routes/all.ts`. */
export class Answered extends Error {
  readonly reply: Reply;
  constructor(reply: Reply) {
    super(`answers ${reply.status}: ${JSON.stringify(reply.body)}`);
    this.reply = reply;
  }
}

/** Answers GitHub's error body: message, address of the documentation, and the status as text. */
export function refusal(status: number, message: string, errors?: readonly unknown[]): Answered {
  const body = {
    message,
    ...(errors === undefined ? {} : { errors }),
    documentation_url: DOCS,
    status: String(status),
  };
  return new Answered({ status, body });
}

/** A refusal that GitHub was seen to give, although its description leaves that status out. */
export function seen(known: Answered): Answered {
  return new Answered({ ...known.reply, isUndescribed: true });
}

const DOCS = "https://docs.github.com/rest";

/** What is not there, or is not for this caller to see. */
export function notFound(): Answered {
  return seen(refusal(404, "Not Found"));
}

/** A token without the permission, as GitHub says it of Apps and workflows; people without the right get 404 or 403 by operation. */
export function forbidden(message = "Resource not accessible by integration"): Answered {
  return seen(refusal(403, message));
}

/** A field that GitHub's models refuse, with code `already_exists`, `missing_field`, `invalid`, or `custom` and a message. */
export function invalid(resource: string, field: string, code: string, message?: string): Answered {
  const row = { resource, code, field, ...(message === undefined ? {} : { message }) };
  return refusal(422, "Validation Failed", [row]);
}

/** A 422 whose rows are plain texts. */
export function unprocessable(text: string): Answered {
  return refusal(422, "Unprocessable Entity", [text]);
}

/** A 422 of which only the message is known. */
export function refusedText(message: string): Answered {
  return refusal(422, message);
}

/** What was looked for; throws 404 where there is none. */
export function found<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw notFound();
  return value;
}

/** An answer with a JSON body. */
export function json(body: unknown, status = 200): Reply {
  return { status, body };
}

/** An answer without a body. */
export function empty(status = 204): Reply {
  return { status };
}

const PAGE_SIZE = 30;
const LARGEST_PAGE = 100;

/** One page of a list with its `link` header: 30 rows by default, 100 at most, as GitHub pages. */
export function page<T>(call: Call, rows: readonly T[], show: (row: T) => unknown): Reply {
  const { part, headers } = slice(call, rows);
  return { status: 200, body: part.map(show), headers };
}

/** One page of a list that is wrapped in an object with its `total_count`. */
export function countedPage<T>(call: Call, name: string, rows: readonly T[], show: (row: T) => unknown): Reply {
  const { part, headers } = slice(call, rows);
  return { status: 200, body: { total_count: rows.length, [name]: part.map(show) }, headers };
}

function slice<T>(
  call: Call,
  rows: readonly T[],
): { readonly part: readonly T[]; readonly headers: Record<string, string> } {
  const size = Math.min(numberOf(call.query.get("per_page"), PAGE_SIZE), LARGEST_PAGE);
  const at = numberOf(call.query.get("page"), 1);
  const last = Math.max(1, Math.ceil(rows.length / size));
  const to = (number: number): string => {
    const query = new URLSearchParams(call.query);
    query.set("page", String(number));
    return `<${call.origin}${call.path}?${query.toString()}>`;
  };
  const links: string[] = [];
  if (at > 1) links.push(`${to(at - 1)}; rel="prev"`);
  if (at < last) links.push(`${to(at + 1)}; rel="next"`, `${to(last)}; rel="last"`);
  if (at > 1) links.push(`${to(1)}; rel="first"`);
  const part = rows.slice((at - 1) * size, at * size);
  return { part, headers: links.length === 0 ? {} : { link: links.join(", ") } };
}

function numberOf(text: string | null, otherwise: number): number {
  const value = Number(text ?? "");
  return Number.isInteger(value) && value > 0 ? value : otherwise;
}
