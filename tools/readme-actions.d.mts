/** Puts the tables of the composite actions between their marks in the README. */
export function withActionTables(readme: string, root: string): string;
