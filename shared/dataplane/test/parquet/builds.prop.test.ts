import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PlaneParquetWriter } from '../../src/parquet/plane-parquet-writer.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { loadPlane } from '../../src/wasm/load.ts'
import { randomTable } from './random-batch.ts'

const simd = new Engine(loadPlane('simd'))
const scalar = new Engine(loadPlane('scalar'))

describe('the builds of the plane', () => {
  it('write the same files, byte for byte', () => {
    fc.assert(
      fc.property(randomTable({ rowsMax: 60 }), fc.constantFrom(3, 20_000), ({ schema, rows }, pageRowsMax) => {
        const [one, other] = [simd, scalar].map((engine) =>
          Buffer.from(new PlaneParquetWriter({ codec: 'none', pageRowsMax }, engine).encodeRows(schema, rows)),
        )
        expect(one?.equals(other!)).toBe(true)
      }),
      { numRuns: 150, endOnFailure: true },
    )
  })
})
