import type { ColumnBatch, ColumnVector, EncodeSpec } from '@silt/core'
import { createRowDecoder, type DecodedUnit } from '../src/index.ts'
import { slabOf, specOf, type TestRecord } from './slab.ts'

export type Row = Readonly<Record<string, unknown>>

/** The batch's rows as objects: bigint for long and timestamp, Buffer for binary. */
export function rowsOf(batch: ColumnBatch | undefined): Row[] {
  if (batch === undefined) return []
  return Array.from({ length: batch.rowCount }, (_, row) =>
    Object.fromEntries(
      batch.schema.fields.map((field, index) => [field.name, slot(batch.columns[index]!, row)] as const),
    ),
  )
}

/** One unit of one partition, decoded. */
export function decode(
  records: readonly (TestRecord | string | Uint8Array | null)[],
  changes: Partial<EncodeSpec> = {},
): DecodedUnit {
  const decoder = createRowDecoder(specOf(changes))
  const slab = slabOf(records)
  decoder.push(slab)
  return decoder.finish([{ partition: 0, start: 0, endExclusive: slab.nextOffset }])
}

export function decodedRows(
  records: readonly (TestRecord | string | Uint8Array | null)[],
  changes: Partial<EncodeSpec> = {},
): Row[] {
  return decode(records, changes).parts.flatMap((part) => rowsOf(part.batch))
}

/** The first row of a one-record unit. */
export function decodedRow(value: string, changes: Partial<EncodeSpec> = {}): Row {
  const row = decodedRows([value], changes)[0]
  if (row === undefined) throw new Error(`not a row: ${value.slice(0, 200)}`)
  return row
}

function slot(vector: ColumnVector, row: number): unknown {
  if (vector.validity !== undefined && (vector.validity[row >> 3]! & (1 << (row & 7))) === 0) return null
  switch (vector.kind) {
    case 'string':
      return Buffer.from(vector.bytes.subarray(vector.offsets[row], vector.offsets[row + 1])).toString()
    case 'binary':
      return Buffer.from(vector.bytes.subarray(vector.offsets[row], vector.offsets[row + 1]))
    case 'boolean':
      return vector.values[row] === 1
    case 'list':
      return Array.from({ length: vector.offsets[row + 1]! - vector.offsets[row]! }, (_, index) =>
        slot(vector.child, vector.offsets[row]! + index),
      )
    case 'struct':
      return vector.children.map((child) => slot(child, row))
    default:
      return vector.values[row]
  }
}
