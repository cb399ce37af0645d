import { gunzipSync, zstdDecompressSync } from 'node:zlib'

const CHUNK_BYTES_MIN = 64 * 1024
const CHUNK_BYTES_MAX = 16 * 1024 * 1024

/** The content of gzip or zstd data; undefined where it is malformed or longer than `contentBytesMax`. */
export function inflated(codec: 'gzip' | 'zstd', input: Uint8Array, contentBytesMax: number): Buffer | undefined {
  // One chunk for the whole content: the default 16 KiB chunks cost 1.7 times the CPU.
  const guess = (codec === 'gzip' ? gzipContentBytes(input) : zstdContentBytes(input)) ?? input.length * 8
  const chunkSize = Math.max(CHUNK_BYTES_MIN, Math.min(CHUNK_BYTES_MAX, guess + 64))
  try {
    const options = { chunkSize, maxOutputLength: contentBytesMax }
    return codec === 'gzip' ? gunzipSync(input, options) : zstdDecompressSync(input, options)
  } catch {
    return undefined
  }
}

/** RFC 1952 ISIZE: the last four bytes, modulo 2^32. A guess: the data may be malformed. */
function gzipContentBytes(input: Uint8Array): number | undefined {
  if (input.length < 18) return undefined
  return viewOf(input).getUint32(input.length - 4, true)
}

/** RFC 8878 § 3.1.1.1.4 Frame_Content_Size, where the frame has one. */
function zstdContentBytes(input: Uint8Array): number | undefined {
  if (input.length < 18) return undefined
  const view = viewOf(input)
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

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
