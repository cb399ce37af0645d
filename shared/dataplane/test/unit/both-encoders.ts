import type {
  EncodedFile,
  EncodedUnit,
  EncodeSpec,
  OffsetRange,
  ParquetRow,
  RangeCounts,
  RecordSlab,
  StructType,
} from '@silt/core'
import { ArrowParquetWriter, deltaStats } from '@silt/parquet'
import { createRowDecoder, type RowDecoderLimits } from '@silt/rows'
import { expect } from 'vitest'
import type { PlaneEncoder } from '../../src/unit/plane-encoder.ts'
import { rowsOf } from '../parquet/read-back.ts'
import { planeSlabOf } from './records.ts'

/** A unit as its readers see it: rows by partition and offset. */
export interface ReadUnit {
  readonly rooms: readonly ('more' | 'full')[]
  readonly schema: StructType
  readonly counts: readonly RangeCounts[]
  readonly files: ReadonlyMap<string, ReadFile>
  readonly deadLetters: readonly ParquetRow[]
}

interface ReadFile {
  readonly rows: readonly ParquetRow[]
  readonly rowCount: number
  readonly stats: unknown
}

export interface Given {
  readonly spec: EncodeSpec
  readonly slabs: readonly RecordSlab[]
  readonly limits?: RowDecoderLimits
  /** Slabs from there on hold records known to kill decoders. */
  readonly condemnedFrom?: number
}

/** What the writer's InlineEncoder makes of it: the exact path and the general Parquet writer. */
export async function exactUnit({ spec, slabs, limits, condemnedFrom = slabs.length }: Given): Promise<ReadUnit> {
  const decoder = createRowDecoder(spec, limits)
  const rooms = slabs.map((slab, index) => {
    if (index < condemnedFrom) decoder.push(ownBytes(slab))
    else decoder.condemn(slab, 'crashes-decoder', 'detail')
    return decoder.fullAt === undefined ? 'more' : 'full'
  })
  const { schema, counts, parts, deadLetters } = decoder.finish(rangesOf(slabs))
  const writer = new ArrowParquetWriter()
  const file = (partitionValues: EncodedFile['partitionValues'], batch: (typeof parts)[number]['batch']) => ({
    partitionValues,
    bytes: writer.encode(batch),
    rowCount: batch.rowCount,
    stats: deltaStats(batch),
  })
  const files = parts.map(({ partitionValues, batch }) => file(partitionValues, batch))
  return read(rooms, {
    schema,
    counts,
    files,
    deadLetterFiles: deadLetters === undefined ? [] : [file({}, deadLetters)],
  })
}

/** What the plane makes of it, from slabs in its memory where `inPlane` says so. The session leaves nothing behind. */
export async function planeUnit(
  encoder: PlaneEncoder,
  { spec, slabs, condemnedFrom = slabs.length }: Given,
  inPlane: (index: number) => boolean = () => false,
): Promise<ReadUnit> {
  const session = await encoder.open(spec)
  const rooms: ('more' | 'full')[] = []
  for (const [index, slab] of slabs.entries()) {
    const placed = inPlane(index) ? planeSlabOf(encoder.engine, slab) : undefined
    const pushed = placed?.slab ?? ownBytes(slab)
    if (index < condemnedFrom) rooms.push(await session.push(pushed))
    else {
      await session.condemn(pushed, 'detail')
      rooms.push(rooms.at(-1) ?? 'more')
    }
    placed?.end()
  }
  const unit = await session.finish(rangesOf(slabs))
  expect(encoder.sessionCount).toBe(0)
  return read(rooms, unit)
}

/** Both give the same, but for what the encoder's contract leaves open. */
export function expectSame(plane: ReadUnit, exact: ReadUnit): void {
  expect(plane.rooms).toEqual(exact.rooms)
  expect(plane.schema).toEqual(exact.schema)
  expect(plane.counts).toEqual(exact.counts)
  expect(plane.deadLetters).toEqual(exact.deadLetters)
  expect([...plane.files.keys()].sort()).toEqual([...exact.files.keys()].sort())
  for (const [partition, file] of plane.files) expect(file).toEqual(exact.files.get(partition))
}

/** A range a partition, over all its slabs. */
export function rangesOf(slabs: readonly RecordSlab[]): OffsetRange[] {
  const ranges = new Map<number, OffsetRange>()
  for (const { partition, start, nextOffset } of slabs)
    ranges.set(partition, { partition, start: ranges.get(partition)?.start ?? start, endExclusive: nextOffset })
  return [...ranges.values()]
}

/** Sessions own what they are given. */
function ownBytes(slab: RecordSlab): RecordSlab {
  return { ...slab, bytes: new Uint8Array(slab.bytes) }
}

async function read(rooms: readonly ('more' | 'full')[], unit: EncodedUnit): Promise<ReadUnit> {
  const files = new Map<string, ReadFile>()
  for (const { partitionValues, bytes, rowCount, stats } of unit.files) {
    const rows = (await rowsOf(bytes)).sort(byPlace)
    const key = JSON.stringify(partitionValues)
    expect(files.has(key)).toBe(false)
    files.set(key, { rows, rowCount, stats: JSON.parse(stats) as unknown })
  }
  const [dead, ...more] = unit.deadLetterFiles
  expect(more).toEqual([])
  const deadLetters = dead === undefined ? [] : (await rowsOf(dead.bytes)).sort(byPlace)
  expect(dead?.rowCount ?? 0).toBe(deadLetters.length)
  return { rooms, schema: unit.schema, counts: unit.counts, files, deadLetters }
}

function byPlace(left: ParquetRow, right: ParquetRow): number {
  return Number(left['_partition']) - Number(right['_partition']) || Number(left['_offset']) - Number(right['_offset'])
}
