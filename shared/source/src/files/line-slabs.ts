import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { OffsetRange, OversizedValue, RecordSlab } from '@silt/core'
import { carriageReturn, firstLineStart, measureLine, newline } from './line.ts'
import { readBytes } from './read-bytes.ts'

export interface SlabBounds {
  /** Bytes read for one slab; a longer line has a slab of its own. */
  readonly slabBytesMax: number
  readonly slabRecordsMax: number
  /** A longer value is not held: its length and sha256 stand in the slab's `oversized`. */
  readonly recordBytesMax: number
}

interface Lines {
  readonly start: number
  /** The byte after the last line's newline. */
  readonly nextLine: number
  readonly bytes: Uint8Array
  /** Positions in `bytes`; -1 = not held. */
  readonly lineStarts: readonly number[]
  readonly valueStarts: readonly number[]
  readonly valueEnds: readonly number[]
  readonly oversized: ReadonlyMap<number, OversizedValue>
}

/**
 * The lines that begin in the range, as slabs that cover it. The range must lie below the readable end.
 * Throws the signal's reason when it aborts, and calls `onCut` for the error when the file has become shorter.
 */
export async function* lineSlabs(
  file: FileHandle,
  range: OffsetRange & { readonly cutAtMs: number },
  bounds: SlabBounds,
  signal: AbortSignal,
  onCut: () => Promise<Error>,
): AsyncGenerator<RecordSlab> {
  const { start, endExclusive } = range
  let covered = start
  for (let line = await firstLineStart(file, start, endExclusive, signal); line < endExclusive;) {
    signal.throwIfAborted()
    const bytes = await readBytes(file, line, Math.min(bounds.slabBytesMax, endExclusive - line))
    const lines = splitLines(bytes, line, bounds) ?? (await longLine(file, line, bounds, signal))
    if (lines === undefined) throw await onCut()
    signal.throwIfAborted()
    const next = Math.min(lines.nextLine, endExclusive)
    yield toSlab(lines, range, covered, next)
    covered = next
    line = lines.nextLine
  }
  if (covered < endExclusive) yield toSlab(noLines(covered), range, covered, endExclusive)
}

/** The whole lines in `bytes`, at most `slabRecordsMax`; undefined where there is not one. */
function splitLines(bytes: Uint8Array, start: number, bounds: SlabBounds): Lines | undefined {
  const lineStarts: number[] = []
  const valueStarts: number[] = []
  const valueEnds: number[] = []
  const oversized = new Map<number, OversizedValue>()
  let from = 0
  while (lineStarts.length < bounds.slabRecordsMax) {
    const found = bytes.indexOf(newline, from)
    if (found < 0) break
    const end = found > from && bytes[found - 1] === carriageReturn ? found - 1 : found
    const held = end - from <= bounds.recordBytesMax
    if (!held) {
      const sha256Hex = createHash('sha256').update(bytes.subarray(from, end)).digest('hex')
      oversized.set(lineStarts.length, { lengthBytes: end - from, sha256Hex })
    }
    lineStarts.push(start + from)
    valueStarts.push(held ? from : -1)
    valueEnds.push(held ? end : -1)
    from = found + 1
  }
  if (lineStarts.length === 0) return undefined
  return { start, nextLine: start + from, bytes, lineStarts, valueStarts, valueEnds, oversized }
}

/** One line that did not fit the bytes read for it; undefined where the file ends before its newline. */
async function longLine(
  file: FileHandle,
  start: number,
  bounds: SlabBounds,
  signal: AbortSignal,
): Promise<Lines | undefined> {
  const line = await measureLine(file, start, signal)
  if (line === undefined) return undefined
  const { lengthBytes, sha256Hex, nextLine } = line
  if (lengthBytes > bounds.recordBytesMax) {
    const oversized = new Map([[0, { lengthBytes, sha256Hex }]])
    return { ...noLines(start), nextLine, lineStarts: [start], valueStarts: [-1], valueEnds: [-1], oversized }
  }
  const bytes = await readBytes(file, start, lengthBytes)
  if (bytes.length < lengthBytes) return undefined
  return { ...noLines(start), nextLine, bytes, lineStarts: [start], valueStarts: [0], valueEnds: [lengthBytes] }
}

function noLines(start: number): Lines {
  const bytes = new Uint8Array(0)
  return { start, nextLine: start, bytes, lineStarts: [], valueStarts: [], valueEnds: [], oversized: new Map() }
}

function toSlab(
  lines: Lines,
  range: OffsetRange & { readonly cutAtMs: number },
  start: number,
  nextOffset: number,
): RecordSlab {
  const count = lines.lineStarts.length
  const none = (): Int32Array => new Int32Array(count).fill(-1)
  return {
    partition: range.partition,
    start,
    nextOffset,
    count,
    offsets: Float64Array.from(lines.lineStarts),
    timestampsMs: new Float64Array(count).fill(range.cutAtMs),
    bytes: lines.bytes,
    sizeBytes: lines.bytes.byteLength,
    keyStarts: none(),
    keyEnds: none(),
    valueStarts: Int32Array.from(lines.valueStarts),
    valueEnds: Int32Array.from(lines.valueEnds),
    headerStarts: none(),
    headerEnds: none(),
    oversized: lines.oversized,
  }
}
