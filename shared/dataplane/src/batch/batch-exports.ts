/** What build/plane.wasm exports to read record batches (assembly/batch, assembly/codec). Addresses are not checked: callers bound them. */
export interface BatchExports {
  /** Decompresses the batch at `[batch, end)` into the slab's content; its length, -1 where it is refused. */
  readonly inflate: (slab: number, batch: number, end: number, contentBytesMax: number) => number
  /** Room for content that the host writes at once. */
  readonly receive: (slab: number, bytes: number) => number
  /** Appends the content's records to the slab; 0 where it is refused. */
  readonly walk: (slab: number, batch: number, from: bigint, to: bigint, recordBytesMax: number) => number
  /** Values that are not held, of the batch walked last: index in the slab, address, length, 32 bits each. */
  readonly oversized: () => number
  readonly oversizedCount: () => number
  readonly crc32c: (at: number, length: number) => number
}
