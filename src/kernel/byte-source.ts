/** A file of known size that is read at random; never a whole file in memory. */
export interface ByteSource {
  readonly sizeBytes: number;
  /**
   * Reads up to `length` bytes from `offset`; fewer only at the end of the file. They may come in `into`, which is as long as `length`
   * and belongs to the source until then: who reads a whole file gives the same few again and again.
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
}
