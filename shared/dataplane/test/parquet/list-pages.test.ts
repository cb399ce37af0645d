import { parquetMetadata, readOffsetIndex } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { field, struct } from '@silt/core'
import { PlaneParquetWriter } from '../../src/parquet/plane-parquet-writer.ts'
import { onEachBuild } from '../each-build.ts'
import { rowsOf, throughParquetRs } from './read-back.ts'

const schema = struct([
  field('numbers', { type: 'array', elementType: 'integer', containsNull: true }),
  field('texts', { type: 'array', elementType: 'string', containsNull: true }),
])
const [plain, indices] = [0, 8]

onEachBuild((engine) => {
  /** Of each page of both columns, where each letter stands for two rows of a page: `n` no list, `e` lists of nulls, `r` what repeats, `u` what does not. */
  async function encodingsOf(pages: string): Promise<number[][]> {
    const rows = [...pages].flatMap((kind, page) =>
      [0, 1].map((row) => {
        if (kind === 'n') return { numbers: null, texts: null }
        if (kind === 'e') return { numbers: [null, null], texts: [null] }
        const values = Array.from({ length: 200 }, (_, i) => (kind === 'r' ? i % 3 : page * 10_000 + row * 1000 + i))
        return { numbers: values, texts: values.map((value) => `text ${value}`) }
      }),
    )
    const file = new PlaneParquetWriter({ codec: 'zstd', pageRowsMax: 2 }, engine).encodeRows(schema, rows)
    expect(await rowsOf(file)).toEqual(rows)
    expect(await rowsOf(throughParquetRs(file))).toEqual(rows)
    const buffer = new Uint8Array(file).buffer
    return parquetMetadata(buffer).row_groups[0]!.columns.map((chunk) => {
      const view = new DataView(buffer, Number(chunk.offset_index_offset), chunk.offset_index_length)
      return readOffsetIndex({ view, offset: 0 }).page_locations.map(({ offset }) => encodingAt(file, Number(offset)))
    })
  }

  describe('pages of a list without values', () => {
    it('are encoded as those before and behind them: Spark loses its place where indices follow others', async () => {
      for (const pages of ['nrenr', 'eernnr', 'rner', 'nnnr'])
        expect(await encodingsOf(pages), pages).toEqual([0, 1].map(() => [...pages].map(() => indices)))
      expect(await encodingsOf('neuenu')).toEqual([0, 1].map(() => [...'neuenu'].map(() => plain)))
      expect(await encodingsOf('nen')).toEqual([
        [plain, plain, plain],
        [plain, plain, plain],
      ])
    })

    it('are PLAIN once the dictionary is given up', async () => {
      const [numbers] = await encodingsOf('eruenu')
      expect(numbers).toEqual([indices, indices, plain, plain, plain, plain])
    })
  })
})

/** Of a data page's header: struct field 5, its second member. */
function encodingAt(file: Uint8Array, at: number): number {
  let position = at
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = file[position++]!
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 1
    }
  }
  // A byte of field and type before each: page type, both sizes, then the struct's own, its count of values and encoding.
  for (let skipped = 0; skipped < 3; skipped++) {
    position++
    varint()
  }
  position += 2
  varint()
  position++
  return varint()
}
