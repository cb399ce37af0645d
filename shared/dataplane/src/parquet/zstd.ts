import { constants, createZstdCompress, zstdCompressSync } from 'node:zlib'

/** Of the process's memory: where input stands, and where there is room for output. */
export interface ZstdSpans {
  readonly memory: Uint8Array
  readonly at: number
  readonly length: number
  readonly into: number
  /** At least `zstdBound(length)`. */
  readonly room: number
}

/** Compressors by level, one thread's: what `zstdCompressSync` makes and throws away at each call, megabytes of it. */
const compressors = new Map<number, Compressor | undefined>()

/** Writes one frame and returns its length. */
export function zstdCompress(spans: ZstdSpans, level: number): number {
  if (!compressors.has(level)) compressors.set(level, soundCompressor(level))
  const length = compressors.get(level)?.compress(spans)
  if (length !== undefined) return length
  compressors.set(level, undefined)
  const { memory, at, into } = spans
  const frame = documented(memory.subarray(at, at + spans.length), level)
  memory.set(frame, into)
  return frame.byteLength
}

/** zstd.h ZSTD_COMPRESSBOUND, and not below what zlib takes as a chunk. */
export function zstdBound(length: number): number {
  const margin = length < 128 * 1024 ? (128 * 1024 - length) >> 11 : 0
  return Math.max(1024, length + (length >> 8) + margin)
}

/** Of Node: what is used here is no documented interface, and wrong arguments end the process. */
const knownVersions = 'v24.'

/** What node:zlib's own synchronous functions drive: `_handle`, which says how much room and input it left in `_writeState`. */
interface Innards {
  readonly _handle?: {
    writeSync?: (
      flush: number,
      input: Uint8Array,
      inputAt: number,
      inputLength: number,
      output: Uint8Array,
      outputAt: number,
      outputLength: number,
    ) => void
  }
  readonly _writeState?: Uint32Array
}

const unsaid = 0xffffffff

class Compressor {
  readonly #innards: Innards

  constructor(level: number) {
    const stream = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: level }, chunkSize: 64 })
    // A fault is told here and by the state: `compress` looks at that.
    stream.on('error', () => undefined)
    this.#innards = stream as unknown as Innards
  }

  /** Undefined where it does not do what it is taken for: it is not to be asked again. */
  compress({ memory, at, length, into, room }: ZstdSpans): number | undefined {
    const { _handle: handle, _writeState: state } = this.#innards
    if (handle?.writeSync === undefined || !(state instanceof Uint32Array)) return undefined
    state.fill(unsaid)
    // The whole input at once with its end: zstd then knows the size, and a frame's end is the beginning of the next.
    handle.writeSync(constants.ZSTD_e_end, memory, at, length, memory, into, room)
    const [roomLeft, inputLeft] = state as unknown as [number, number]
    return inputLeft === 0 && roomLeft > 0 && roomLeft < room ? room - roomLeft : undefined
  }
}

/** One that has been seen to write what the documented way writes, twice. */
function soundCompressor(level: number): Compressor | undefined {
  if (!process.version.startsWith(knownVersions)) return undefined
  const compressor = new Compressor(level)
  const length = 600
  const memory = new Uint8Array(4096)
  for (let index = 0; index < length; index++) memory[index] = index % 7
  const wanted = documented(memory.subarray(0, length), level)
  for (let time = 0; time < 2; time++) {
    const written = compressor.compress({ memory, at: 0, length, into: length, room: zstdBound(length) })
    if (written === undefined || !wanted.equals(memory.subarray(length, length + written))) return undefined
  }
  return compressor
}

function documented(input: Uint8Array, level: number): Buffer {
  const params = { [constants.ZSTD_c_compressionLevel]: level }
  // Room for the worst case in one chunk: many of the default size would be joined, at more cost than the compression.
  return zstdCompressSync(input, { params, chunkSize: zstdBound(input.byteLength) })
}
