import type { Address } from '../wasm/exports.ts'

/** A slab in the plane's memory (assembly/slab/slab.ts). */
export type SlabHandle = number

/** What build/plane.wasm exports to read record batches (assembly/batch, assembly/codec). Addresses are not checked: callers bound them. */
export interface BatchExports {
  readonly alloc: (bytes: number) => Address
  readonly release: (at: Address) => void
  readonly newSlab: (records: number) => SlabHandle
  readonly clearSlab: (slab: SlabHandle) => void
  readonly releaseSlab: (slab: SlabHandle) => void
  readonly inflate: (slab: SlabHandle, batch: Address, end: Address, contentBytesMax: number) => number
  readonly receive: (slab: SlabHandle, bytes: number) => Address
  readonly walk: (slab: SlabHandle, batch: Address, from: bigint, to: bigint, recordBytesMax: number) => number
  readonly oversized: () => Address
  readonly oversizedCount: () => number
  readonly crc32c: (at: Address, length: number) => number
}

/** The plane as the batch reader sees it; an `Engine` is one. */
export interface BatchPlane {
  readonly exports: BatchExports
  /** All of the memory. */
  readonly bytes: Buffer<ArrayBuffer>
  readonly words: Uint32Array
  readonly view: DataView
}
