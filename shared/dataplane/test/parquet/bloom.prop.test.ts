import fc from 'fast-check'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { describe, expect, it } from 'vitest'
import { field, struct, type DataType } from '@silt/core'
import { Engine } from '../../src/wasm/engine.ts'
import { PlaneParquetWriter } from '../../src/parquet/plane-parquet-writer.ts'

const engine = new Engine()

async function findable(type: DataType, values: readonly unknown[], wanted: unknown): Promise<number> {
  const file = new PlaneParquetWriter({ codec: 'none', bloomColumns: ['c'], pageRowsMax: 7 }, engine).encodeRows(
    struct([field('c', type)]),
    values.map((c) => ({ c })),
  )
  const buffer = new Uint8Array(file).buffer
  const metadata = parquetMetadata(buffer)
  expect(metadata.row_groups[0]?.columns[0]?.meta_data?.bloom_filter_offset).toBeDefined()
  const found = await parquetReadObjects({
    file: buffer,
    metadata,
    compressors,
    filter: { c: { $eq: wanted as string } },
    useBloomFilters: true,
  })
  return found.length
}

describe('a Bloom filter', () => {
  it('has every string of its column, in a dictionary or not', async () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 70 }), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(texts, fc.nat(), async (values, pick) => {
        const wanted = values[pick % values.length]
        const count = values.filter((value) => value === wanted).length
        expect(await findable('string', values, wanted)).toBe(count)
      }),
      { numRuns: 60, endOnFailure: true },
    )
  })

  it('has every number of its column', async () => {
    const longs = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(longs, fc.nat(), async (values, pick) => {
        const wanted = values[pick % values.length]
        const count = values.filter((value) => value === wanted).length
        expect(await findable('long', values, wanted)).toBe(count)
      }),
      { numRuns: 60, endOnFailure: true },
    )
  })
})
