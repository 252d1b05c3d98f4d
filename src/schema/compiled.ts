/**
 * Validators by name of the document, each made when it is first called for. The build puts those of the documents on branches here; in
 * sources there are none.
 */
export const compiled: ReadonlyMap<string, () => unknown> = new Map();
