import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { CompressionCodec, Compressors } from 'hyparquet'
import { compressors as portable } from 'hyparquet-compressors'

/** Bytes of the largest page that is unpacked. */
const pageBytesMax = 1024 * 1024 * 1024

/** Node's own inflaters, held to the size the page header promises, so that a hostile page cannot swell. */
export const compressors: Compressors = {
  ...portable,
  LZ4: (input, lengthBytes) => unlessEmpty(lengthBytes, () => portable.LZ4?.(input, lengthBytes)),
  LZ4_RAW: (input, lengthBytes) => unlessEmpty(lengthBytes, () => portable.LZ4_RAW?.(input, lengthBytes)),
  ZSTD: (input, lengthBytes) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, lengthBytes) }),
  GZIP: (input, lengthBytes) => gunzipSync(input, { maxOutputLength: Math.max(1, lengthBytes) }),
  BROTLI: (input, lengthBytes) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, lengthBytes) }),
}

/** A page without values, of a column that has none, is not what the portable lz4 takes for a block. */
function unlessEmpty(lengthBytes: number, unpack: () => Uint8Array | undefined): Uint8Array {
  return lengthBytes === 0 ? new Uint8Array(0) : (unpack() ?? new Uint8Array(0))
}

/** Throws for what does not inflate to exactly `lengthBytes`, and RangeError for a codec or a size that is not known. */
export function inflate(codec: CompressionCodec, input: Uint8Array, lengthBytes: number): Uint8Array {
  if (lengthBytes > pageBytesMax) throw new RangeError(`a page of ${lengthBytes} bytes`)
  if (codec === 'UNCOMPRESSED') return input
  // Three bytes of snappy stand for 64 at most: room for more need not be made.
  if (codec === 'SNAPPY' && lengthBytes > input.length * 22 + 64)
    throw new RangeError('a page that inflates to more than it can')
  const compressor = compressors[codec]
  if (compressor === undefined) throw new RangeError(`a page compressed by ${codec}`)
  const output = compressor(input, lengthBytes)
  if (output.length !== lengthBytes) throw new RangeError('a page that inflates to another size than its header says')
  return output
}
