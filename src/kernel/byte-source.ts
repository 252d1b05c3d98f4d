/** A file of known size that is read at random; never a whole file in memory. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Reads up to `length` bytes from `offset`; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
}
