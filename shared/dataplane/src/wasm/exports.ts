import type { BatchExports } from '../batch/batch-exports.ts'
import type { ScanExports } from '../scan/scan-exports.ts'
import type { Address, LeafHandle } from './address.ts'

export type { Address, LeafHandle } from './address.ts'

/** What build/plane.wasm exports to fill and end leaf columns (assembly/columns). Wrong arguments are not found out: callers bound them. */
export interface ColumnExports {
  readonly seedHashes: (low: bigint, high: bigint) => void
  readonly newLeaf: (index: number, type: number, levelMax: number, repeatMax: number, encoding: number) => LeafHandle
  readonly configureLeaf: (
    leaf: LeafHandle,
    width: number,
    listLevel: number,
    hasBounds: number,
    hasBloom: number,
  ) => void
  readonly releaseLeaf: (leaf: LeafHandle) => void
  readonly appendNulls: (leaf: LeafHandle, rows: number, rowsMax: number) => void
  readonly importSlots: (
    leaf: LeafHandle,
    slots: number,
    levels: Address,
    repeats: Address,
    picks: Address,
    values: Address,
    offsets: Address,
    rowsMax: number,
  ) => void
  readonly levelsOfBits: (bits: Address, firstBit: number, count: number, level: number, out: Address) => void
  readonly endChunk: (leaf: LeafHandle) => void
  readonly heldBytes: (leaf: LeafHandle) => number
}

/** Split-block Bloom filters (assembly/bloom). */
export interface BloomExports {
  readonly bloomInsert: (hashes: Address, count: number, filter: Address, bytes: number) => void
}

/** Codecs that Node lacks (assembly/compression): bytes written at `out`, which has room for the bound. */
export interface CompressionExports {
  readonly snappyBound: (length: number) => number
  readonly snappyEncode: (from: Address, length: number, out: Address) => number
  readonly lz4Bound: (length: number) => number
  readonly lz4Encode: (from: Address, length: number, out: Address) => number
}

/** Blocks of the plane's memory (assembly/memory.ts). */
export interface MemoryExports {
  readonly alloc: (bytes: number) => Address
  readonly release: (at: Address) => void
  readonly touched: () => number
}

export interface PlaneExports
  extends MemoryExports, ColumnExports, BloomExports, CompressionExports, ScanExports, BatchExports {}

/** A page as it leaves the plane (assembly/columns/page.ts); its bytes are gone when the call returns. */
export interface PlanePage {
  readonly at: Address
  readonly length: number
  readonly slots: number
  readonly present: number
  readonly rows: number
  /** Rows whose list is null, of a leaf below one. */
  readonly listNulls: number
  readonly encoding: number
  /** Bit 0: there are bounds; bit 1: there is a NaN. */
  readonly flags: number
  readonly minAt: Address
  readonly minLength: number
  readonly maxAt: Address
  readonly maxLength: number
}

/** Takes what a leaf gives away. Calls come from within the plane and must not call it back, but for `alloc`, `release` and codecs. */
export interface LeafSink {
  page(page: PlanePage): void
  /** The dictionary's entries, PLAIN; comes after the chunk's pages. */
  dictionary(at: Address, length: number, count: number): void
  /** Hashes (xxHash64, 8 bytes each) of the chunk's distinct or at least all values, where the leaf collects them. */
  hashes(at: Address, count: number): void
}
