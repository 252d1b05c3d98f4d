/** What a text of SQL consists of: quoted text and names, comments, the end of a statement, and anything else. */
const TOKEN =
  /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|;|[^'"`[;/-]+|[/-]/y;

/**
 * Holds that a text is exactly one statement: an engine would run the first of several and forget the others, or run them all.
 * Throws an Error that says why it is not.
 */
export function checkOneStatement(text: string): void {
  if (text.includes("\0")) throw new Error("a statement has no NUL");
  let statements = 0;
  let isOpen = false;
  for (const [token] of text.matchAll(new RegExp(TOKEN, "gy"))) {
    if (token === ";") isOpen = false;
    else if (!isOpen && !isBlank(token)) {
      isOpen = true;
      statements += 1;
    }
  }
  if (statements === 0) throw new Error("there is no statement");
  if (statements > 1) throw new Error("only one statement can be asked at a time");
}

function isBlank(token: string): boolean {
  return token.startsWith("--") || token.startsWith("/*") || token.trim() === "";
}
