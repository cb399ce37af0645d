import { assert, type ColumnVector, type EncodeSpec, type LongVector, type RecordSlab } from '@silt/core'
import { createRowDecoder } from '@silt/rows'
import { logicalTypeOf } from '../../src/parquet/logical-types.ts'
import { ScanPlan } from '../../src/scan/scan-plan.ts'
import { SlabView, fillSlab, recordOutcome } from '../../src/scan/slab-view.ts'
import type { Engine } from '../../src/wasm/engine.ts'
import { ReadLeaf, type LeafValues } from './leaf-reader.ts'
import { expectAsParsed } from './parsed.ts'

/** Rows the scanner took from records, by day (0 where the table is not partitioned), and what became of each record. */
export interface Scanned {
  readonly outcomes: Uint8Array
  readonly parts: ReadonlyMap<number, readonly LeafValues[]>
  readonly columns: readonly string[]
}

const partsMax = 24
/** Of assembly/memory.ts and assembly/slab/slab.ts. */
const SLACK = 64
const BYTES_WORD = 7

/** Scans records as a slab would hold them, each right behind the other. Records of a day too many are left pending. */
export function scanRecords(engine: Engine, spec: EncodeSpec, slab: RecordSlab, encoding = 8): Scanned {
  const plan = new ScanPlan(engine, spec)
  const view = new SlabView(engine, engine.exports.newSlab(1))
  engine.exports.release(fillSlab(engine, view.handle, slab))
  const block = placeAtEnd(engine, view.handle, slab)
  const parts = new Map<number, ReadLeaf[]>()
  const addPart = (day: number): void => {
    const leaves = plan.columns.map((field) => {
      const physical = typeof field.type === 'string' ? logicalTypeOf(field.type)?.physical : undefined
      assert(physical !== undefined, 'columns are primitive')
      return new ReadLeaf(engine, physical, physical === 6 ? encoding : 0)
    })
    const handles = leaves.map((leaf) => leaf.handle)
    plan.addPart(day, handles, 100)
    parts.set(day, leaves)
  }
  if (spec.partitionColumns.length === 0) addPart(0)
  for (let next = 0; next < slab.count;) {
    next = plan.scan(view.handle, next, slab.count)
    if (next === slab.count) break
    if (parts.size < partsMax) addPart(plan.wantedDay)
    else next++
  }
  assert(
    engine.bytes.compare(slab.bytes, 0, slab.bytes.length, block, block + slab.bytes.length) === 0,
    'the bytes are as they were',
  )
  const outcomes = Uint8Array.from(view.outcomes)
  const taken = new Map([...parts].map(([day, leaves]) => [day, leaves.map((leaf) => leaf.take())] as const))
  for (const leaf of [...parts.values()].flat()) leaf.release()
  plan.release()
  engine.exports.releaseSlab(view.handle)
  return { outcomes, parts: taken, columns: plan.columns.map((field) => field.name) }
}

/** The slab's bytes at the very end of the memory, with the slack that every block has behind it and nothing behind that: a read beyond traps. */
function placeAtEnd(engine: Engine, handle: number, slab: RecordSlab): number {
  const at = engine.bytes.length - SLACK - slab.bytes.length
  engine.bytes.set(slab.bytes, at)
  // Alternating with what would go on with a number, a string or an object.
  engine.bytes.fill('1"}', engine.bytes.length - SLACK)
  engine.words[(handle >> 2) + BYTES_WORD] = at
  return at
}

/**
 * Throws where the scanner takes a record that the exact path makes a dead letter of or rescues something of, where a value differs from the exact path's or
 * from JSON.parse's, or where what stands around a record changes what becomes of it. Returns how many records it took.
 */
export function compareWithExactPath(engine: Engine, spec: EncodeSpec, slab: RecordSlab, encoding = 8): number {
  const scanned = scanRecords(engine, spec, slab, encoding)
  const reversed = scanRecords(engine, spec, reverse(slab), encoding).outcomes.reverse()
  scanned.outcomes.forEach((outcome, index) => {
    const other = reversed[index]!
    assert(
      outcome === other || outcome === recordOutcome.pending || other === recordOutcome.pending,
      `record ${index} depends on its neighbours: ${textOf(slab, index)}`,
    )
  })
  const indices = [...scanned.outcomes.keys()].filter((index) => scanned.outcomes[index] === recordOutcome.row)
  const accepted = pick(slab, indices)
  const decoder = createRowDecoder(spec, { partitionsMax: partsMax })
  decoder.push(accepted)
  assert(decoder.fullAt === undefined, 'no more parts than the scanner had')
  const { parts, deadLetters } = decoder.finish([
    { partition: slab.partition, start: slab.start, endExclusive: slab.nextOffset },
  ])
  assert(
    deadLetters === undefined,
    `taken, but a dead letter: ${indices.map((index) => textOf(slab, index)).join('\n')}`,
  )
  for (const part of parts) {
    const day = part.partitionValues['event_date'] ?? null
    const leaves = scanned.parts.get(day === null ? 0 : Date.parse(day) / 86_400_000)
    assert(leaves !== undefined, 'the same days')
    const names = part.batch.schema.fields.map((field) => field.name)
    assert(
      names.join('\n') === scanned.columns.join('\n'),
      `the same columns: ${names.join()} ${scanned.columns.join()}`,
    )
    part.batch.columns.forEach((vector, column) => {
      const fault = difference(vector, leaves[column]!, part.batch.schema.fields[column]!.type)
      if (fault !== undefined) throw new Error(`${names[column]} differs: ${fault}`)
      if (names[column] === '_offset')
        for (let row = 0; row < part.batch.rowCount; row++)
          expectAsParsed(valueOf(slab, Number((vector as LongVector).values[row]) - slab.start), part.batch, row)
      if (names[column] === '_rescued') assert(vector.nullCount === vector.length, 'nothing was to be rescued')
    })
  }
  return indices.length
}

function valueOf(slab: RecordSlab, index: number): Buffer {
  return Buffer.from(slab.bytes.subarray(slab.valueStarts[index], slab.valueEnds[index]))
}

function textOf(slab: RecordSlab, index: number): string {
  return JSON.stringify(valueOf(slab, index).toString('latin1'))
}

/** Where the values differ, or undefined. */
function difference(vector: ColumnVector, leaf: LeafValues, type: unknown): string | undefined {
  const { present } = leaf
  if (present.length !== vector.length) return `${present.length} rows instead of ${vector.length}`
  const isPresent = (row: number): boolean =>
    vector.validity === undefined || (vector.validity[row >> 3]! & (1 << (row & 7))) !== 0
  const rows: number[] = []
  for (let row = 0; row < vector.length; row++) {
    if ((present[row] === 1) !== isPresent(row)) return `row ${row} is ${present[row] === 1 ? 'not ' : ''}null`
    if (present[row] === 1) rows.push(row)
  }
  if (vector.kind === 'string') {
    const bytes = Buffer.from(vector.bytes.buffer, vector.bytes.byteOffset, vector.bytes.byteLength)
    for (const [index, row] of rows.entries()) {
      const start = index === 0 ? 0 : leaf.ends[index - 1]!
      const [from, to] = [vector.offsets[row]!, vector.offsets[row + 1]!]
      if (bytes.compare(leaf.bytes, start, leaf.ends[index], from, to) !== 0)
        return `row ${row}: ${JSON.stringify(leaf.bytes.toString('utf8', start, leaf.ends[index]))} instead of ${JSON.stringify(bytes.toString('utf8', from, to))}`
    }
    return undefined
  }
  assert('values' in vector, 'a primitive column')
  const exact = fixedBytes(
    rows.map((row) => vector.values[row]!),
    vector.kind,
    type,
  )
  if (exact.equals(leaf.bytes)) return undefined
  const width = exact.length / Math.max(rows.length, 1)
  const index = rows.findIndex(
    (_, at) => exact.compare(leaf.bytes, at * width, at * width + width, at * width, at * width + width) !== 0,
  )
  return `row ${rows[index]} is not ${vector.values[rows[index]!]}`
}

function fixedBytes(values: readonly (number | bigint)[], kind: string, type: unknown): Buffer {
  if (kind === 'boolean') return Buffer.from(values as number[])
  const isNarrow = typeof type === 'string' && type.startsWith('decimal(') && Number(/\d+/.exec(type)![0]) <= 9
  const typed =
    kind === 'double'
      ? type === 'float'
        ? Float32Array.from(values as number[])
        : Float64Array.from(values as number[])
      : kind === 'long' || kind === 'timestamp'
        ? isNarrow
          ? Int32Array.from(values, Number)
          : BigInt64Array.from(values as bigint[])
        : Int32Array.from(values as number[])
  return Buffer.from(typed.buffer)
}

/** The slab's records at the indices, their offsets kept. */
function pick(slab: RecordSlab, indices: readonly number[]): RecordSlab {
  const column = (from: Int32Array): Int32Array => Int32Array.from(indices, (index) => from[index]!)
  return {
    ...slab,
    count: indices.length,
    offsets: Float64Array.from(indices, (index) => slab.offsets[index]!),
    timestampsMs: Float64Array.from(indices, (index) => slab.timestampsMs[index]!),
    keyStarts: column(slab.keyStarts),
    keyEnds: column(slab.keyEnds),
    valueStarts: column(slab.valueStarts),
    valueEnds: column(slab.valueEnds),
    headerStarts: column(slab.headerStarts),
    headerEnds: column(slab.headerEnds),
  }
}

/** The same records with other neighbours: their bytes in the opposite order, and so the records. */
function reverse(slab: RecordSlab): RecordSlab {
  const order = Array.from({ length: slab.count }, (_, index) => slab.count - 1 - index)
  const parts = order.map((index) =>
    slab.bytes.subarray(Math.max(slab.valueStarts[index]!, 0), Math.max(slab.valueEnds[index]!, 0)),
  )
  let at = 0
  const ends = parts.map((part) => (at += part.length))
  const picked = pick(slab, order)
  return {
    ...picked,
    bytes: new Uint8Array(Buffer.concat([...parts, Buffer.from('"}')])),
    valueStarts: picked.valueStarts.map((start, index) => (start < 0 ? -1 : ends[index]! - parts[index]!.length)),
    valueEnds: picked.valueEnds.map((start, index) => (start < 0 ? -1 : ends[index]!)),
  }
}
