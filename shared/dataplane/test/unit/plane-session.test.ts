import { field, struct, type EncodeSpec, type RecordSlab } from '@silt/core'
import { describe, expect, it } from 'vitest'
import { PlaneEncoder } from '../../src/unit/plane-encoder.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { eventSpec } from '../scan/slab.ts'
import { rangesOf } from './both-encoders.ts'
import { slabOfRecords } from './records.ts'
import { both, byDay, engine, leaveRoom, refused, sound } from './unit-fixtures.ts'

describe('a session', () => {
  const news = { ...sound(2), value: '{"new_a":1,"new_b":"x"}' }
  const slabs = [
    slabOfRecords(0, 0, [sound(0), refused(1), { value: null }, news, news]),
    slabOfRecords(0, 5, [sound(1), { value: 'x'.repeat(70_000) }, news]),
  ]

  it('gives all it holds back, finished, abandoned or failed', async () => {
    const fresh = new Engine()
    const encoder = new PlaneEncoder({ engine: fresh })
    const run = async (end: 'finish' | 'abandon' | 'fail') => {
      const session = await encoder.open(byDay)
      for (const slab of slabs) await session.push({ ...slab, bytes: slab.bytes.slice() })
      if (end === 'finish') await session.finish(rangesOf(slabs))
      if (end === 'abandon') session.abandon()
      if (end === 'fail') await expect(session.push({ ...slabs[0]!, bytes: null as never })).rejects.toThrow()
      session.abandon()
      expect(encoder.sessionCount).toBe(0)
    }
    for (let time = 0; time < 3; time++) for (const end of ['finish', 'abandon'] as const) await run(end)
    const touched = fresh.touchedBytes
    for (let time = 0; time < 20; time++) for (const end of ['finish', 'abandon'] as const) await run(end)
    expect(fresh.touchedBytes).toBe(touched)
    expect(encoder.isSpent).toBe(false)
    await run('fail')
    expect(encoder.isSpent).toBe(true)
  })

  it('without room for the columns of its files has crashed, and leaves the plane as it was', async () => {
    const tight = new Engine()
    leaveRoom(tight, 20 * 1024 * 1024)
    const encoder = new PlaneEncoder({ engine: tight, touchedBytesMax: 2 ** 29 })
    const names = Array.from({ length: 700 }, (_, index) => `"new_${index}":${index}`).join(',')
    const wide = { ...sound(1), value: `{${names}}` }
    const fail = async (slab: RecordSlab) => {
      const session = await encoder.open({ ...byDay, columnsMax: 1000 })
      await session.push({ ...slab, bytes: slab.bytes.slice() })
      await expect(session.finish(rangesOf([slab]))).rejects.toMatchObject({ kind: 'data', code: 'encoder/crashed' })
      await expect(session.push(slab)).rejects.toMatchObject({ code: 'encoder/session-ended' })
    }
    const failBoth = async () => {
      await fail(slabOfRecords(0, 0, [sound(0), wide]))
      await fail(slabOfRecords(0, 0, [wide]))
    }
    for (let time = 0; time < 3; time++) await failBoth()
    const touched = tight.touchedBytes
    for (let time = 0; time < 5; time++) await failBoth()
    expect(tight.touchedBytes).toBe(touched)
    expect(encoder.sessionCount).toBe(0)
    expect(encoder.isSpent).toBe(false)
    await both({ spec: byDay, slabs: slabs.slice(0, 1) }, encoder)
  })

  it('is over once finished, abandoned or closed', async () => {
    const encoder = new PlaneEncoder({ engine })
    const ended = { code: 'encoder/session-ended' }
    const finished = await encoder.open(eventSpec)
    expect(await finished.finish([])).toMatchObject({ files: [], deadLetterFiles: [], counts: [] })
    finished.abandon()
    await expect(finished.push(slabs[0]!)).rejects.toMatchObject(ended)
    const open = await encoder.open(eventSpec)
    await encoder.close()
    await expect(open.finish([])).rejects.toMatchObject(ended)
    await expect(encoder.open(eventSpec)).rejects.toMatchObject({ code: 'encoder/died' })
  })

  it('in which the plane traps has crashed, and takes the others of that plane with it', async () => {
    const full = new Engine()
    const encoder = new PlaneEncoder({ engine: full })
    const [first, second] = [await encoder.open(eventSpec), await encoder.open(eventSpec)]
    leaveRoom(full, 64 * 1024)
    await expect(first.push(slabs[0]!)).rejects.toMatchObject({ kind: 'data', code: 'encoder/crashed' })
    await expect(second.push(slabs[0]!)).rejects.toMatchObject({ kind: 'unavailable', code: 'encoder/died' })
    await expect(encoder.open(eventSpec)).rejects.toMatchObject({ code: 'encoder/died' })
    expect(encoder.isSpent).toBe(true)
    expect(encoder.sessionCount).toBe(0)
  })

  it('for which the plane has no room from the start has not crashed: nothing of it is at fault', async () => {
    const full = new Engine()
    const encoder = new PlaneEncoder({ engine: full })
    leaveRoom(full, 0)
    await expect(encoder.open(byDay)).rejects.toMatchObject({ kind: 'unavailable', code: 'encoder/died' })
    expect(encoder.isSpent).toBe(true)
    expect(encoder.sessionCount).toBe(0)
  })

  it('is not opened for tables that are no event tables, or too wide, and leaves nothing behind', async () => {
    const encoder = new PlaneEncoder({ engine })
    const before = engine.touchedBytes
    const open = (changes: Partial<EncodeSpec>) => encoder.open({ ...eventSpec, ...changes })
    const wide = struct(Array.from({ length: 5000 }, (_, index) => field(`c${index}`, 'long')))
    await expect(open({ schema: struct([field('user_id', 'long')]) })).rejects.toMatchObject({
      code: 'rows/column-differs',
    })
    await expect(open({ partitionColumns: ['user_id'] })).rejects.toMatchObject({
      code: 'dataplane/partition-columns',
    })
    const rowRules = { checks: [], generated: [], defaults: [{ column: 'a', sql: '1' }] }
    await expect(open({ layout: { rowRules } })).rejects.toMatchObject({ code: 'dataplane/row-rules' })
    await expect(open({ schema: wide })).rejects.toMatchObject({ code: 'dataplane/too-many-columns' })
    expect(engine.touchedBytes).toBe(before)
    expect(encoder.sessionCount).toBe(0)
    expect(encoder.isSpent).toBe(false)
  })
})
