import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PlaneParquetWriter } from '../../src/parquet/plane-parquet-writer.ts'
import type { ParquetSettings } from '../../src/parquet/settings.ts'
import { randomTable } from './random-batch.ts'
import { asRead, rowsOf, throughParquetRs } from './read-back.ts'
import { onEachBuild } from '../each-build.ts'

// One for all: what a file leaves behind in it must not show in the next.

const settings: fc.Arbitrary<Partial<ParquetSettings>> = fc.record({
  codec: fc.constantFrom('none', 'zstd', 'snappy', 'lz4_raw'),
  pageRowsMax: fc.constantFrom(1, 3, 8, 20_000),
  rowGroupRowsMax: fc.constantFrom(1, 7, 1_000_000),
  pageIndex: fc.boolean(),
})

onEachBuild((engine, runs) => {
  describe('files of random schemas and rows', () => {
    it('read back equal by hyparquet', async () => {
      await fc.assert(
        fc.asyncProperty(randomTable({ rowsMax: 60 }), settings, async ({ schema, rows }, given) => {
          const file = new PlaneParquetWriter(given, engine).encodeRows(schema, rows)
          expect(await rowsOf(file)).toEqual(asRead(schema, rows))
        }),
        { numRuns: runs(150), endOnFailure: true },
      )
    })

    it('read back equal by parquet-rs', async () => {
      await fc.assert(
        fc.asyncProperty(randomTable({ rowsMax: 60 }), settings, async ({ schema, rows }, given) => {
          const file = new PlaneParquetWriter(given, engine).encodeRows(schema, rows)
          expect(await rowsOf(throughParquetRs(file))).toEqual(asRead(schema, rows))
        }),
        { numRuns: runs(250), endOnFailure: true },
      )
    })
  })
})
