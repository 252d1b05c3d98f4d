import type { Operation } from "./openapi.ts";

/** A request path that is an operation of GitHub's description. */
export interface Match {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the operation that a method and a path are; `isUpload` chooses among the hosts. */
export type Router = (method: string, path: string, isUpload: boolean) => Match | null;

/** Makes a router of GitHub's own paths; more literal text wins, as `releases/latest` over `releases/{release_id}`. */
export function makeRouter(operations: readonly Operation[]): Router {
  const routes = operations
    .map((operation) => ({
      operation,
      pattern: patternOf(operation),
      literal: operation.path.replaceAll(/\{.*?\}/g, ""),
    }))
    .toSorted((a, b) => b.literal.length - a.literal.length);
  return (method, path, isUpload) => {
    for (const { operation, pattern } of routes) {
      if (operation.method !== method || operation.isUpload !== isUpload) continue;
      const found = pattern.exec(path);
      if (found !== null) return { operation, params: decoded(found.groups ?? {}) };
    }
    return null;
  };
}

/** Octokit encodes slashes in values, people and other clients do not: GitHub takes both where the description says so. */
function patternOf(operation: Operation): RegExp {
  const long = new Set(operation.parameters.filter((each) => each.isLong).map((each) => each.name));
  const source = operation.path
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return part.replaceAll(/[.+^$()|[\]\\]/g, String.raw`\$&`);
      return `(?<${name}>${long.has(name) ? ".*" : "[^/]+?"})`;
    })
    .join("");
  return new RegExp(`^${source}/?$`);
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, safely(value)]));
}

function safely(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
