import { constants, zstdCompressSync } from 'node:zlib'
import type { Address } from '../wasm/exports.ts'
import type { Engine } from '../wasm/engine.ts'
import { compressionId, type CodecName } from './format.ts'

/** How pages are compressed. */
export interface Codec {
  /** parquet.thrift CompressionCodec. */
  readonly id: number
  /** The compressed form of bytes of the plane's memory, in a buffer of its own. */
  compress(at: Address, length: number): Buffer
}

/** `zstdLevel`: 1 to 22, of zstd only. The plane's own codecs take their room from its memory and give it back. */
export function codecOf(engine: Engine, name: CodecName, zstdLevel: number): Codec {
  const id = compressionId[name]
  const source = (at: Address, length: number) => engine.bytes.subarray(at, at + length)
  switch (name) {
    case 'none':
      return { id, compress: (at, length) => Buffer.from(source(at, length)) }
    case 'zstd': {
      const params = { [constants.ZSTD_c_compressionLevel]: zstdLevel }
      return {
        id,
        compress: (at, length) =>
          // Room for the worst case in one chunk: many of the default size would be joined, at more cost than the compression. What comes back is the
          // beginning of that chunk, which must not live as long as the file.
          Buffer.from(zstdCompressSync(source(at, length), { params, chunkSize: zstdBound(length) })),
      }
    }
    case 'snappy':
    case 'lz4_raw': {
      const { snappyBound, snappyEncode, lz4Bound, lz4Encode } = engine.exports
      const [bound, encode] = name === 'snappy' ? [snappyBound, snappyEncode] : [lz4Bound, lz4Encode]
      return {
        id,
        compress: (at, length) => {
          const out = engine.exports.alloc(bound(length) >>> 0) >>> 0
          const bytes = Buffer.from(engine.bytes.subarray(out, out + (encode(at, length, out) >>> 0)))
          engine.exports.release(out)
          return bytes
        },
      }
    }
  }
}

/** zstd.h ZSTD_COMPRESSBOUND, and not below what zlib takes as a chunk. */
function zstdBound(length: number): number {
  const margin = length < 128 * 1024 ? (128 * 1024 - length) >> 11 : 0
  return Math.max(1024, length + (length >> 8) + margin)
}
