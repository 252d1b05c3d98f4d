const [NEWLINE, SPACE, QUOTE, COMMA, MINUS, ZERO, NINE, COLON] = [0x0a, 0x20, 0x22, 0x2c, 0x2d, 0x30, 0x39, 0x3a];
const [LIST, LIST_END, FALSE, NULL, TRUE, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x66, 0x6e, 0x74, 0x7b, 0x7d];
/** Characters that sort otherwise by their units. V8 does not look for them in a text of one byte each, which nearly every one is. */
const SURROGATE = /[\ud800-\udfff]/;
/** Where a text goes on that is not in the form. */
const NOWHERE = -1;

/**
 * Tells in one pass, for nearly every document, that a text which is known to be JSON is in one of our forms: a file, or a line of a
 * segment. False says nothing: escapes, characters beyond U+FFFF and deep nesting are left to who prints the document again.
 */
export function isPlainPrint(json: string, form: "file" | "line", maxDepth: number): boolean {
  if (json.includes("\\") || SURROGATE.test(json)) return false;
  const isFile = form === "file";
  const end = afterValue(json, 0, isFile ? 0 : null, maxDepth);
  return isFile ? json.charCodeAt(end) === NEWLINE && end + 1 === json.length : end === json.length;
}

/** Where the text goes on behind a value. `indent` is that of the line that it stands in; null where all is one line. */
function afterValue(json: string, at: number, indent: number | null, depth: number): number {
  const first = json.charCodeAt(at);
  if (first === QUOTE) return json.indexOf('"', at + 1) + 1;
  if (first === OBJECT || first === LIST) return afterMembers(json, at, indent, depth);
  if (first === TRUE || first === NULL) return at + 4;
  if (first === FALSE) return at + 5;
  return afterNumber(json, at);
}

function afterMembers(json: string, start: number, indent: number | null, depth: number): number {
  if (depth === 0) return NOWHERE;
  const isObject = json.charCodeAt(start) === OBJECT;
  const last = isObject ? OBJECT_END : LIST_END;
  let at = start + 1;
  if (json.charCodeAt(at) === last) return at + 1;
  const inner = indent === null ? null : indent + 2;
  let name = 0;
  do {
    at = afterIndent(json, at, inner);
    if (isObject) {
      const before = name;
      name = at;
      at = afterName(json, name, before, inner !== null);
    }
    if (at !== NOWHERE) at = afterValue(json, at, inner, depth - 1);
    if (at === NOWHERE) return NOWHERE;
    at += 1;
  } while (json.charCodeAt(at - 1) === COMMA);
  at = afterIndent(json, at - 1, indent);
  return json.charCodeAt(at) === last ? at + 1 : NOWHERE;
}

/** Nothing in a line; the beginning of one in a file. */
function afterIndent(json: string, at: number, indent: number | null): number {
  if (indent === null) return at;
  const end = at + 1 + indent;
  if (json.charCodeAt(at) !== NEWLINE) return NOWHERE;
  for (let i = at + 1; i < end; i += 1) if (json.charCodeAt(i) !== SPACE) return NOWHERE;
  return end;
}

/** Names come in order; `before` is where the one before begins, 0 for the first of all. */
function afterName(json: string, name: number, before: number, isFile: boolean): number {
  if (json.charCodeAt(name) !== QUOTE || (before > 0 && !isBefore(json, before, name))) return NOWHERE;
  const colon = json.indexOf('"', name + 1) + 1;
  if (json.charCodeAt(colon) !== COLON) return NOWHERE;
  if (!isFile) return colon + 1;
  return json.charCodeAt(colon + 1) === SPACE ? colon + 2 : NOWHERE;
}

/** Tells whether one name comes before another; a name that ends sorts before what goes on. */
function isBefore(json: string, a: number, b: number): boolean {
  for (let i = 1; ; i += 1) {
    const [left, right] = [json.charCodeAt(a + i), json.charCodeAt(b + i)];
    if (left !== right) return right !== QUOTE && (left === QUOTE || left < right);
    if (left === QUOTE) return false;
  }
}

function afterNumber(json: string, start: number): number {
  let at = start;
  while (isInNumber(json.charCodeAt(at))) at += 1;
  const number = json.slice(start, at);
  return at > start && String(Number(number)) === number ? at : NOWHERE;
}

/** Digits, and `+`, `-`, `.`, `E`, `e`. */
function isInNumber(unit: number): boolean {
  return (unit >= ZERO && unit <= NINE) || unit === MINUS || unit === 0x2b || unit === 0x2e || (unit | 0x20) === 0x65;
}
