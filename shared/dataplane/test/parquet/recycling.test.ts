import { randomBytes } from 'node:crypto'
import { field, struct } from '@silt/core'
import { describe, expect, it, vi } from 'vitest'
import { PlaneParquetWriter } from '../../src/parquet/plane-parquet-writer.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { leaveRoom } from '../unit/unit-fixtures.ts'
import { rowsOf } from './read-back.ts'

const schema = struct([field('text', 'string')])
const small = [{ text: 'small' }]

describe('a writer of files', () => {
  it.each([
    ['goes on with an engine whose memory stayed below the bound', 1 << 28, 1],
    ['lets go of one whose memory grew past it', 1 << 20, 0],
  ])('%s', async (_, touchedBytesMax, leavesOfNext) => {
    const engine = new Engine()
    const writer = new PlaneParquetWriter({}, engine, touchedBytesMax)
    writer.encodeRows(schema, [{ text: 'x'.repeat(1 << 22) }])
    expect(engine.touchedBytes).toBeGreaterThan(1 << 22)
    const attach = vi.spyOn(engine, 'attach')
    expect(await rowsOf(writer.encodeRows(schema, small))).toEqual(small)
    expect(attach).toHaveBeenCalledTimes(leavesOfNext)
  })

  it('writes files larger than what the plane has room for', async () => {
    const engine = new Engine()
    leaveRoom(engine, 28 * 1024 * 1024)
    const noise = struct([field('noise', 'binary')])
    const rows = Array.from({ length: 16 }, () => ({ noise: new Uint8Array(randomBytes(1 << 20)) }))
    const bytes = new PlaneParquetWriter({}, engine).encodeRows(noise, rows)
    const read = await rowsOf(bytes)
    expect(read.map((row, index) => Buffer.compare(row['noise'] as Uint8Array, rows[index]!.noise))).toEqual(
      rows.map(() => 0),
    )
  })
})
