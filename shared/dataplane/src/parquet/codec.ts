import type { Address } from '../wasm/exports.ts'
import type { Engine } from '../wasm/engine.ts'
import { compressionId, type CodecName } from './format.ts'
import { zstdBound, zstdCompress } from './zstd.ts'

/** How pages are compressed. */
export interface Codec {
  /** parquet.thrift CompressionCodec. */
  readonly id: number
  /** The compressed form of bytes of the plane's memory, there too as long as not half of it is taken; the caller releases it (`releasePacked`). */
  compress(at: Address, length: number): Buffer
}

/** `zstdLevel`: 1 to 22, of zstd only. */
export function codecOf(engine: Engine, name: CodecName, zstdLevel: number): Codec {
  const id = compressionId[name]
  const { bytes, exports } = engine
  /** What is written into room for the worst case moves to a block of its own size, or out of a plane that is half full. */
  const packed = (bound: number, write: (into: Address, room: number) => number): Buffer => {
    const into = exports.alloc(bound) >>> 0
    const written = bytes.subarray(into, into + write(into, bound))
    const kept = copied(engine, written)
    exports.release(into)
    return kept
  }
  switch (name) {
    case 'none':
      return {
        id,
        compress: (at, length) => copied(engine, bytes.subarray(at, at + length)),
      }
    case 'zstd':
      return {
        id,
        compress: (at, length) =>
          packed(zstdBound(length), (into, room) => zstdCompress({ memory: bytes, at, length, into, room }, zstdLevel)),
      }
    case 'snappy':
    case 'lz4_raw': {
      const { snappyBound, snappyEncode, lz4Bound, lz4Encode } = exports
      const [bound, encode] = name === 'snappy' ? [snappyBound, snappyEncode] : [lz4Bound, lz4Encode]
      return {
        id,
        compress: (at, length) => packed(bound(length) >>> 0, (into) => encode(at, length, into) >>> 0),
      }
    }
  }
}

function copied(engine: Engine, source: Buffer): Buffer {
  if (engine.touchedBytes > engine.bytes.byteLength / 2) return Buffer.from(source)
  const at = engine.copyIn(source)
  return engine.bytes.subarray(at, at + source.byteLength)
}

/** Gives back what `compress` took. */
export function releasePacked(engine: Engine, packed: Buffer): void {
  if (packed.buffer === engine.bytes.buffer) engine.exports.release(packed.byteOffset)
}
