import type { Oid } from "../../../kernel/oid.ts";

/** One field of a repository in GraphQL with its variables; texts from outside travel as variables only. */
export interface Question {
  readonly variables: readonly (readonly [type: string, value: unknown])[];
  /** The field, given the names of its variables. */
  field(names: readonly string[]): string;
}

/** An object by its id; null where the repository does not hold it. */
export function objectById(oid: Oid): Question {
  return { variables: [["GitObjectID!", oid]], field: ([name]) => `object(oid: ${name}) { ...Thing }` };
}

/** What stands at a path of a commit or of a full ref name; null where there is nothing. */
export function objectAt(revision: string, path: string): Question {
  return {
    variables: [["String!", `${revision}:${path}`]],
    field: ([name]) => `object(expression: ${name}) { ...Thing }`,
  };
}

/** A commit with as many commits before it. */
export function historyOf(oid: Oid, count: number): Question {
  return {
    variables: [
      ["GitObjectID!", oid],
      ["Int!", count],
    ],
    field: ([name, first]) =>
      `object(oid: ${name}) { kind: __typename oid ... on Commit { history(first: ${first}) { nodes { ...Made } } } }`,
  };
}

/** A ref by its full name; null where there is none. */
export function refNamed(name: string): Question {
  return {
    variables: [["String!", name]],
    field: ([ref]) => `ref(qualifiedName: ${ref}) { name prefix target { ...Thing } }`,
  };
}

/** A page of the refs below a prefix that ends with a slash. */
export function refsBelow(prefix: string, after: string | null): Question {
  return {
    variables: [
      ["String!", prefix],
      ["String", after],
    ],
    field: ([below, cursor]) =>
      `refs(refPrefix: ${below}, first: 100, after: ${cursor}) { nodes { name prefix target { kind: __typename oid } } pageInfo { hasNextPage endCursor } }`,
  };
}
