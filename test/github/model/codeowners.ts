/** Places of a CODEOWNERS file, in the order in which GitHub looks; the first that exists counts. */
export const CODEOWNERS_PATHS: readonly string[] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/** One line: a pattern and its owners as written. */
export interface OwnersLine {
  readonly line: number;
  readonly source: string;
  readonly pattern: string;
  readonly owners: readonly string[];
}

/** A mistake in a CODEOWNERS file, in GitHub's own form without its path. */
export interface OwnersError {
  readonly line: number;
  readonly column: number;
  readonly kind: string;
  readonly source: string;
  readonly suggestion: string | null;
  readonly message: string;
}

/** Reads the lines of a CODEOWNERS file; comments and empty lines are left out. */
export function ownersLines(text: string): readonly OwnersLine[] {
  return text.split("\n").flatMap((source, at) => {
    const [pattern, ...owners] = source
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    return pattern === undefined || pattern === "" ? [] : [{ line: at + 1, source, pattern, owners }];
  });
}

/** Owners of a path: those of the last line that matches; none where no line does or the line names nobody. */
export function ownersOf(lines: readonly OwnersLine[], path: string): readonly string[] {
  return lines.findLast((line) => ownersPattern(line.pattern).test(path))?.owners ?? [];
}

/** Rules of gitignore without negation: a slash inside anchors, a slash at the end means a folder. */
function ownersPattern(pattern: string): RegExp {
  const isAnchored = pattern.replace(/\/$/, "").includes("/");
  const body = pattern.replace(/^\//, "").split(/(\*\*\/|\*\*|\*|\?)/);
  const source = body.map((part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    return part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  });
  const inside = pattern.endsWith("/") ? ".*" : pattern.endsWith("/*") ? "" : "(?:/.*)?";
  return new RegExp(`^${isAnchored ? "" : "(?:.*/)?"}${source.join("")}${inside}$`);
}

/** Mistakes that GitHub reports: patterns that it does not support, and owners that are unknown or may not write. */
export function ownersErrors(
  lines: readonly OwnersLine[],
  mayOwn: (owner: string) => boolean,
  path: string,
): readonly OwnersError[] {
  return lines.flatMap((line): readonly OwnersError[] => {
    const where = (text: string, start = 0): number => Math.max(0, line.source.indexOf(text, start)) + 1;
    if (/^!|\[/.test(line.pattern))
      return [mistake(line, where(line.pattern), "Invalid pattern", `Invalid pattern on line ${line.line}`)];
    const known = (owner: string): boolean => /^@?[\w.-]+(\/[\w.-]+)?$|^[^@\s]+@[^@\s]+$/.test(owner);
    return line.owners.flatMap((owner): readonly OwnersError[] => {
      const column = where(owner, line.pattern.length);
      if (!known(owner)) return [mistake(line, column, "Invalid owner", `Invalid owner on line ${line.line}`)];
      if (mayOwn(owner)) return [];
      const kind = "Unknown owner";
      const message = `Unknown owner on line ${line.line}: make sure ${owner} exists and has write access to the repository`;
      return [
        mistake(line, column, kind, `${message}\n\n  ${line.source}\n  ${" ".repeat(column - 1)}^`, suggestionOf(path)),
      ];
    });
  });
}

function suggestionOf(path: string): string {
  return `make sure the owner of ${path} exists and has write access to the repository`;
}

function mistake(
  line: OwnersLine,
  column: number,
  kind: string,
  message: string,
  suggestion: string | null = null,
): OwnersError {
  return { line: line.line, column, kind, source: line.source, suggestion, message };
}
