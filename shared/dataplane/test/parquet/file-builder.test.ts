import { describe, expect, it } from 'vitest'
import { field, struct, type ParquetRow, type StructType } from '@silt/core'
import { importBatch } from '../../src/parquet/batch-import.ts'
import { FileBuilder } from '../../src/parquet/file-builder.ts'
import { rowVectors } from '../../src/parquet/row-vectors.ts'
import { parquetSettings } from '../../src/parquet/settings.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { metadataOf } from './file-index.ts'
import { rowsOf, throughParquetRs } from './read-back.ts'

const narrow = struct([field('a', 'string'), field('n', 'long', false)])
const wide = struct([
  ...narrow.fields,
  field('b', 'double'),
  field('list', { type: 'array', elementType: 'string', containsNull: true }),
])

function addTo(engine: Engine, file: FileBuilder, schema: StructType, rows: readonly ParquetRow[]): void {
  importBatch(engine, file, rowVectors(schema, rows), 100)
}

describe('a file', () => {
  it('that gets columns late has nulls in them before, in row groups that have ended too', async () => {
    const engine = new Engine()
    const file = new FileBuilder(engine, narrow, parquetSettings({ rowGroupRowsMax: 400, pageRowsMax: 100 }))
    const before = Array.from({ length: 1000 }, (_, i) => ({ a: i % 3 === 0 ? null : `a${i % 7}`, n: BigInt(i) }))
    const after = Array.from({ length: 500 }, (_, i) => ({
      ...{ a: null, n: BigInt(1000 + i), b: i / 2 },
      list: i % 2 === 0 ? null : ['x', null, `${i}`],
    }))
    const behind = [{ a: 'last', n: 1500n }]
    addTo(engine, file, narrow, before)
    file.addColumns(wide)
    addTo(engine, file, wide, after)
    addTo(engine, file, narrow, behind)
    const { bytes: built, rowCount, stats } = file.finish()

    const bytes = Buffer.from(built.buffer)
    const expected = [...before, ...after, ...behind].map((row) => ({ b: null, list: null, ...row }))
    const ordered = expected.map(({ a, n, b, list }) => ({ a, n, b, list }))
    expect(await rowsOf(bytes)).toEqual(ordered)
    expect(await rowsOf(throughParquetRs(bytes))).toEqual(ordered)
    expect(rowCount).toBe(1501)
    expect(metadataOf(bytes).row_groups.map((group) => Number(group.num_rows))).toEqual([400, 400, 400, 301])
    expect(JSON.parse(stats)).toEqual({
      numRecords: 1501,
      minValues: { a: 'a0', n: 0, b: 0 },
      maxValues: { a: 'last', n: 1500, b: 249.5 },
      nullCount: { a: 334 + 500, n: 0, b: 1001, list: 1000 + 250 + 1 },
    })
  })

  it('whose levels take more than the room before values writes over nothing else', () => {
    const engine = new Engine()
    const lengthsSeen: number[] = []
    const leaf = engine.exports.newLeaf(
      engine.attach({ page: ({ length }) => lengthsSeen.push(length), dictionary: () => {}, hashes: () => {} }),
      1,
      3,
      1,
      0,
    )
    const slots = 300_000
    const levels = engine.copyIn(Buffer.alloc(slots).map((_, i) => (i % 3 === 0 ? 2 : 3)))
    const repeats = engine.copyIn(Buffer.alloc(slots).map((_, i) => (i === 0 ? 0 : 1)))
    const picks = engine.copyIn(Buffer.alloc(slots * 4))
    const values = engine.copyIn(Buffer.alloc(16))
    engine.exports.importSlots(leaf, slots, levels, repeats, picks, values, 0, 1000)
    const before = Buffer.from(engine.bytes.subarray(0, engine.touchedBytes))
    engine.exports.endChunk(leaf)
    // A quarter of a byte a definition level, and values in two slots of three.
    expect(lengthsSeen[0]).toBeGreaterThan(slots / 4 + (slots * 8) / 3)
    const blocks = [levels, repeats, picks, values]
    const lengths = [slots, slots, slots * 4, 16]
    blocks.forEach((at, index) => {
      const end = at + lengths[index]!
      expect(engine.bytes.subarray(at, end).equals(before.subarray(at, end))).toBe(true)
    })
    // Headers of blocks say how large they are: one that was written over would not come back as what it was.
    engine.exports.releaseLeaf(leaf)
    const touched = engine.touchedBytes
    for (const at of blocks) engine.exports.release(at)
    blocks.forEach((_, index) => engine.copyIn(Buffer.alloc(lengths[index]!)))
    expect(engine.touchedBytes).toBe(touched)
  })

  it('that is given up gives its part of the plane back', () => {
    const engine = new Engine()
    const rows = Array.from({ length: 5000 }, (_, i) => ({ a: `value ${i}`, n: BigInt(i) }))
    const settings = parquetSettings({})
    const giveUp = () => {
      const file = new FileBuilder(engine, narrow, settings)
      addTo(engine, file, narrow, rows)
      file.close()
    }
    // Twice: blocks come back in another order than they were taken.
    giveUp()
    giveUp()
    const touched = engine.touchedBytes
    for (let time = 0; time < 20; time++) giveUp()
    expect(engine.touchedBytes).toBe(touched)
  })

  it('takes no column that cannot be null for the rows before', () => {
    const file = new FileBuilder(new Engine(), narrow, parquetSettings({}))
    expect(() => file.addColumns(struct([...narrow.fields, field('late', 'long', false)]))).toThrow(/takes nulls/)
    expect(() => file.addColumns(struct([field('other', 'string')]))).toThrow(/at the end only/)
  })
})
