import { isDeepStrictEqual } from 'node:util'
import {
  assert,
  type BytesVector,
  type ColumnVector,
  type EncodeSpec,
  type LongVector,
  type RecordSlab,
} from '@silt/core'
import { createRowDecoder } from '@silt/rows'
import { recordOutcome } from '../../src/scan/slab-view.ts'
import type { Engine } from '../../src/wasm/engine.ts'
import type { LeafValues } from './leaf-reader.ts'
import { expectAsParsed, verdictOf } from './parsed.ts'
import { scanAlone, scanRecords } from './scan-records.ts'

/** What came of records: how many the scanner took, and how many each reason made dead letters of. */
export interface Compared {
  readonly taken: number
  readonly rows: number
  readonly values: number
  readonly deadLetters: ReadonlyMap<string, number>
}

/**
 * Throws where the scanner takes a record that the exact path makes a dead letter of or rescues something of, where a value differs from the exact path's,
 * where either differs from JSON.parse in what is a row or in a value, or where what stands around a record changes what becomes of it. What stands behind
 * it in memory is another record, hostile bytes, and nothing.
 */
export function compareWithExactPath(engine: Engine, spec: EncodeSpec, slab: RecordSlab, encoding = 8): Compared {
  const scanned = scanRecords(engine, spec, slab, encoding)
  expectSameOutcomes(slab, scanned.outcomes, scanRecords(engine, spec, reverse(slab), encoding).outcomes.reverse())
  const alone = scanAlone(engine, spec, slab, encoding, slab.bytes.length)
  expectSameOutcomes(slab, scanned.outcomes, alone.outcomes)
  assert(isDeepStrictEqual(scanned.parts, alone.parts), 'values depend on the neighbours of a record')
  const indices = [...scanned.outcomes.keys()]
  const taken = indices.filter((index) => scanned.outcomes[index] === recordOutcome.row)
  const others = indices.filter((index) => scanned.outcomes[index] !== recordOutcome.row)
  const fast = decode(spec, slab, taken)
  assert(fast.deadLetters.size === 0, `taken, but a dead letter: ${[...fast.deadLetters.keys()].join('\n')}`)
  for (const part of fast.parts) {
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
      if (names[column] === '_rescued') assert(vector.nullCount === vector.length, 'nothing was to be rescued')
    })
  }
  const slow = decode(spec, slab, others)
  const deadLetters = new Map<string, number>()
  for (const reason of slow.deadLetters.values()) deadLetters.set(reason, (deadLetters.get(reason) ?? 0) + 1)
  return {
    taken: taken.length,
    rows: slow.rows + fast.rows,
    values: fast.values + slow.values,
    deadLetters,
  }
}

/** The records at the indices by the exact path, each of which is what JSON.parse says. */
function decode(spec: EncodeSpec, slab: RecordSlab, indices: readonly number[]) {
  const decoder = createRowDecoder(spec, { partitionsMax: Infinity })
  decoder.push(pick(slab, indices))
  const { parts, deadLetters: batch } = decoder.finish([
    { partition: slab.partition, start: slab.start, endExclusive: slab.nextOffset },
  ])
  const deadLetters = new Map<number, string>()
  if (batch !== undefined) {
    const [offsets, reasons] = ['_offset', 'reason'].map(
      (name) => batch.columns[batch.schema.fields.findIndex((field) => field.name === name)]!,
    )
    for (let row = 0; row < batch.rowCount; row++)
      deadLetters.set(Number((offsets as LongVector).values[row]) - slab.start, textAt(reasons as BytesVector, row))
  }
  const rows = new Set<number>()
  let values = 0
  for (const { batch: rowBatch } of parts) {
    const offsets = rowBatch.columns[rowBatch.schema.fields.findIndex(({ name }) => name === '_offset')] as LongVector
    for (let row = 0; row < rowBatch.rowCount; row++) {
      const index = Number(offsets.values[row]) - slab.start
      rows.add(index)
      expectAsParsed(valueOf(slab, index), rowBatch, row)
    }
    values += rowBatch.rowCount * rowBatch.columns.length
  }
  for (const index of indices) {
    const verdict = verdictOf(spec, slab.valueStarts[index]! < 0 ? null : valueOf(slab, index))
    const found = rows.has(index) ? 'row' : deadLetters.get(index)
    if (found !== verdict) throw new Error(`${found} instead of ${verdict}: ${textOf(slab, index)}`)
  }
  return { parts, deadLetters, rows: rows.size, values }
}

function expectSameOutcomes(slab: RecordSlab, outcomes: Uint8Array, others: Uint8Array): void {
  outcomes.forEach((outcome, index) => {
    const other = others[index]!
    assert(
      outcome === other || outcome === recordOutcome.pending || other === recordOutcome.pending,
      `record ${index} depends on its neighbours: ${textOf(slab, index)}`,
    )
  })
}

function textAt({ bytes, offsets }: BytesVector, row: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset).toString('utf8', offsets[row], offsets[row + 1])
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
