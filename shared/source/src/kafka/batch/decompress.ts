import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { ByteArena } from './byte-arena.ts'
import { appendLz4Frame } from './lz4.ts'
import { MalformedBatch } from './malformed-batch.ts'
import { appendSnappy } from './snappy.ts'

/** Compression types of a record batch's attributes, by number. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Codec = (typeof CODECS)[number]

const CHUNK_BYTES_MIN = 64 * 1024
const CHUNK_BYTES_MAX = 16 * 1024 * 1024

/** Appends a batch's records, decompressed, at most `contentBytesMax` of them. Throws `MalformedBatch`. */
export function appendDecompressed(codec: Codec, input: Uint8Array, arena: ByteArena, contentBytesMax: number): void {
  switch (codec) {
    case 'none':
      return arena.append(input)
    case 'lz4':
      return appendLz4Frame(input, arena, contentBytesMax)
    case 'snappy':
      return appendSnappy(input, arena, contentBytesMax)
    case 'gzip':
    case 'zstd':
      return arena.append(inflate(codec, input, contentBytesMax))
  }
}

function inflate(codec: 'gzip' | 'zstd', input: Uint8Array, contentBytesMax: number): Uint8Array {
  // One chunk for the whole content: the default 16 KiB chunks cost 1.7 times the CPU.
  const guess = (codec === 'gzip' ? gzipContentBytes(input) : zstdContentBytes(input)) ?? input.length * 8
  const chunkSize = Math.max(CHUNK_BYTES_MIN, Math.min(CHUNK_BYTES_MAX, guess + 64))
  try {
    const options = { chunkSize, maxOutputLength: contentBytesMax }
    return codec === 'gzip' ? gunzipSync(input, options) : zstdDecompressSync(input, options)
  } catch (error) {
    throw new MalformedBatch(`${codec}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** RFC 1952 ISIZE: the last four bytes, modulo 2^32. A guess: the data may be malformed. */
function gzipContentBytes(input: Uint8Array): number | undefined {
  if (input.length < 18) return undefined
  return new DataView(input.buffer, input.byteOffset + input.length - 4, 4).getUint32(0, true)
}

/** RFC 8878 § 3.1.1.1.4 Frame_Content_Size, where the frame has one. */
function zstdContentBytes(input: Uint8Array): number | undefined {
  if (input.length < 18) return undefined
  const view = new DataView(input.buffer, input.byteOffset, input.length)
  const descriptor = view.getUint8(4)
  const singleSegment = (descriptor & 32) !== 0
  const at = 5 + (singleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] as number)
  switch (descriptor >>> 6) {
    case 0:
      return singleSegment ? view.getUint8(at) : undefined
    case 1:
      return view.getUint16(at, true) + 256
    case 2:
      return view.getUint32(at, true)
    default:
      return undefined
  }
}
