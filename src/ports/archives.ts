/** A file that goes into an archive. */
export interface ArchiveFile {
  readonly name: string;
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** Prints files as a zip without compression, in the order given, all dated `at`: the same files give the same bytes. */
export type PrintZip = (files: readonly ArchiveFile[], at: string) => AsyncIterable<Uint8Array>;
