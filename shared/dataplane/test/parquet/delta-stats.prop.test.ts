import fc from 'fast-check'
import type { ColumnBatch, DataType, StructType } from '@silt/core'
import { deltaStats } from '@silt/parquet'
import { describe, expect, it } from 'vitest'
import { PlaneParquetWriter } from '../../src/parquet/plane-parquet-writer.ts'
import { rowVectors } from '../../src/parquet/row-vectors.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { randomTable } from './random-batch.ts'

const engine = new Engine()

describe('Delta statistics of random batches', () => {
  it('say what deltaStats says of the same batch, over pages and row groups', () => {
    fc.assert(
      fc.property(
        randomTable({ rowsMax: 40, isBatch: true }),
        fc.constantFrom(1, 3, 20_000),
        fc.constantFrom(4, 1_000_000),
        ({ schema, rows }, pageRowsMax, rowGroupRowsMax) => {
          const batch = rowVectors(schema, rows) as ColumnBatch
          const { stats } = new PlaneParquetWriter({ codec: 'none', pageRowsMax, rowGroupRowsMax }, engine).encodeFile(
            batch,
          )
          expect(inMeaning(schema, stats)).toEqual(inMeaning(schema, deltaStats(batch)))
        },
      ),
      { numRuns: 400, endOnFailure: true },
    )
  })
})

/** Long digits kept; floats as the type holds them, which is how readers take their text. */
function inMeaning(schema: StructType, text: string): unknown {
  const parsed = JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? (context?.source ?? String(value)) : value,
  ) as Readonly<Record<string, unknown>>
  return { ...parsed, minValues: values(schema, parsed['minValues']), maxValues: values(schema, parsed['maxValues']) }
}

function values(type: DataType, value: unknown): unknown {
  if (typeof type === 'object' && type.type === 'struct' && typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        values(type.fields.find((field) => field.name === name)?.type ?? 'string', each),
      ]),
    )
  return type === 'float' ? Math.fround(Number(value)) : value
}
