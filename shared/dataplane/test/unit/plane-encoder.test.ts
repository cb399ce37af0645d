import { field, struct } from '@silt/core'
import { describe, expect, it } from 'vitest'
import { encodeBatch } from '../../../source/test/kafka/batch-encoder.ts'
import { BatchReader } from '../../src/batch/batch-reader.ts'
import { PlaneEncoder } from '../../src/unit/plane-encoder.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { metadataOf } from '../parquet/file-index.ts'
import { rowsOf, throughParquetRs } from '../parquet/read-back.ts'
import { eventSpec } from '../scan/slab.ts'
import { recordMs, slabOfRecords } from './records.ts'
import { both, byDay, engine, leaveRoom, refused, sound, type DatedRecord } from './unit-fixtures.ts'

describe('a unit that becomes full', () => {
  const records = (...each: readonly DatedRecord[]) => [slabOfRecords(0, 10, each)]

  it('ends at the first record of a day too many, whoever decodes it', async () => {
    const limits = { partitionsMax: 2 }
    const ends = async (...each: readonly DatedRecord[]) => {
      const { rooms, counts } = await both({ spec: byDay, slabs: records(...each), limits })
      return rooms[0] === 'full' ? counts[0]!.endExclusive - 10 : undefined
    }
    expect(await ends(sound(0), sound(1), sound(0), sound(2), sound(0))).toBe(3)
    expect(await ends(sound(0), refused(1), sound(0), sound(2))).toBe(3)
    expect(await ends(sound(0), sound(1), refused(2), sound(0))).toBe(2)
    expect(await ends(refused(0), refused(1), sound(2))).toBe(2)
    expect(await ends(refused(0), refused(1), refused(2), sound(0))).toBe(2)
    expect(await ends(refused(0), sound(1), refused(1), refused(0), sound(0))).toBeUndefined()
  })

  it('ends before the record whose bytes are too many, but takes one in any case', async () => {
    const spec = eventSpec
    const slabs = [...records(refused(0), sound(0), sound(0), refused(0)), slabOfRecords(0, 14, [sound(0)])]
    for (const decodedBytesMax of [0, 1, 530, 1100, 1590, 1591, 2200, 2660])
      await both({ spec, slabs, limits: { decodedBytesMax } })
  })

  it('takes nothing more, and condemns nothing more', async () => {
    const limits = { decodedBytesMax: 1 }
    const slabs = [...records(sound(0), sound(0)), slabOfRecords(0, 12, [sound(0)]), slabOfRecords(0, 13, [sound(0)])]
    const unit = await both({ spec: eventSpec, slabs, limits, condemnedFrom: 2 })
    expect(unit.counts).toEqual([
      { partition: 0, start: 10, endExclusive: 11, read: 1, rows: 1, deadLetters: 0, gaps: 0 },
    ])
  })

  it('ends where the memory of the plane runs short, with a record at least, and without a trap', async () => {
    const tight = new Engine()
    leaveRoom(tight, tight.bytes.length / 4 + 200 * 1024)
    const encoder = new PlaneEncoder({ engine: tight })
    const slabs = [0, 1, 2].map((index) => slabOfRecords(0, index * 2, [sound(index), sound(index)]))
    const session = await encoder.open(byDay)
    expect(await session.push(slabs[0]!)).toBe('more')
    expect(await session.push(slabs[1]!)).toBe('full')
    expect(await session.push(slabs[2]!)).toBe('full')
    const { files, counts } = await session.finish([{ partition: 0, start: 0, endExclusive: 6 }])
    expect(files.map(({ rowCount }) => rowCount)).toEqual([2])
    expect(counts[0]?.endExclusive).toBe(2)
    expect(encoder.isSpent).toBe(true)
  })
})

describe('a unit in a plane that has grown past its bound', () => {
  const large = { ...sound(0), value: `{"interaction_text":"${'x'.repeat(1_000_000)}"}` }
  const slabs = Array.from({ length: 20 }, (_, index) => slabOfRecords(0, index, [large]))

  it('ends once it has taken enough, whatever grew it', async () => {
    const encoder = new PlaneEncoder({ engine: new Engine(), touchedBytesMax: 1 })
    for (let time = 0; time < 2; time++) {
      const session = await encoder.open(byDay)
      const rooms: string[] = []
      for (const slab of slabs) rooms.push(await session.push(slab))
      const { files, counts } = await session.finish([{ partition: 0, start: 0, endExclusive: 20 }])
      expect(rooms.indexOf('full')).toBe(17)
      expect(counts[0]).toMatchObject({ endExclusive: 17, rows: 17 })
      expect(files.map(({ rowCount }) => rowCount)).toEqual([17])
    }
    expect(encoder.isSpent).toBe(true)
  })
})

describe('a wide table', () => {
  it('has as many days in a unit as the plane has room for', async () => {
    const columns = Array.from({ length: 2000 }, (_, index) => field(`c${index}`, 'string'))
    const schema = struct([...byDay.schema.fields, ...columns])
    const tight = new Engine()
    leaveRoom(tight, tight.bytes.length / 4 + 105 * 1024 * 1024)
    const session = await new PlaneEncoder({ engine: tight }).open({ ...byDay, schema })
    const days = [0, 0, 1, 0, 1, 2, 0, 3]
    expect(await session.push(slabOfRecords(0, 0, days.map(sound)))).toBe('full')
    const { files, counts } = await session.finish([{ partition: 0, start: 0, endExclusive: days.length }])
    expect(files.map(({ rowCount }) => rowCount)).toEqual([3, 2])
    expect(counts[0]?.endExclusive).toBe(5)
  })
})

describe('columns that are added', () => {
  it('are scanned from then on, and null in the rows before and in every other file', async () => {
    const news = (day: number, more: string) => ({ ...sound(day), value: `{"event_type":"a",${more}}` })
    const slabs = [
      slabOfRecords(0, 0, [sound(0), sound(1), news(1, '"late":1.5'), sound(2)]),
      slabOfRecords(0, 4, [
        news(0, '"late":2.5'),
        news(0, '"late":"no number"'),
        news(1, '"Late":3,"later":{"a":[1]}'),
      ]),
      slabOfRecords(0, 7, [news(0, '"later":"x","late":null'), refused(3)]),
    ]
    const encoder = new PlaneEncoder({ engine, settings: { rowGroupRowsMax: 2, pageRowsMax: 1 } })
    const { schema, files } = await both({ spec: byDay, slabs }, encoder)
    expect(schema.fields.slice(-2)).toEqual([field('late', 'double'), field('later', 'string')])
    expect(files.get('{"event_date":"2026-11-22"}')?.rows[0]).toMatchObject({ late: null, later: null })
  })

  it('that leaves have no room for stay with the exact path, and files have them all the same', async () => {
    const tight = new Engine()
    leaveRoom(tight, tight.bytes.length / 4 + 4 * 1024 * 1024)
    const names = Array.from({ length: 60 }, (_, index) => `"new_${index}":${index}`).join(',')
    const news = { ...sound(0), value: `{${names}}` }
    const slabs = [0, 3, 6].map((start) => slabOfRecords(0, start, [sound(0), news, sound(0)]))
    await both({ spec: eventSpec, slabs }, new PlaneEncoder({ engine: tight }))
  })
})

describe('row groups', () => {
  it('of rows scanned end where they are full, however the slabs are cut', async () => {
    const encoder = new PlaneEncoder({ engine, settings: { rowGroupRowsMax: 7 } })
    const session = await encoder.open(eventSpec)
    for (let start = 0; start < 40; start += 5)
      await session.push(
        slabOfRecords(
          0,
          start,
          Array.from({ length: 5 }, () => sound(0)),
        ),
      )
    const { files } = await session.finish([{ partition: 0, start: 0, endExclusive: 40 }])
    const groups = metadataOf(Buffer.from(files[0]!.bytes)).row_groups.map(({ num_rows }) => Number(num_rows))
    expect(groups).toEqual([7, 7, 7, 7, 7, 5])
  })
})

describe('slabs', () => {
  it('of record batches are scanned where they stand', async () => {
    const values = Array.from({ length: 300 }, (_, index) => (index % 7 === 0 ? refused(0) : sound(0)).value)
    const bytes = encodeBatch({
      codec: 'lz4',
      records: values.map((value, offset) => ({ offset, key: `k${offset}`, value, timestampMs: BigInt(recordMs) })),
    })
    const reader = new BatchReader(engine, 0, { batchBytesMax: 1 << 20, batchRecordsMax: 1000, recordBytesMax: 1000 })
    const at = engine.copyIn(bytes)
    const batch = { bytes: engine.bytes.subarray(at, at + bytes.length), codec: 'lz4', recordCount: 300 } as const
    expect(reader.add(batch, 0, 300)).toBe(true)
    const session = await new PlaneEncoder({ engine }).open(eventSpec)
    expect(await session.push(reader.take(0, 300))).toBe('more')
    reader.close()
    const { files } = await session.finish([{ partition: 0, start: 0, endExclusive: 300 }])
    const rows = await rowsOf(files[0]!.bytes)
    expect(rows).toHaveLength(300)
    expect(await rowsOf(throughParquetRs(files[0]!.bytes))).toEqual(rows)
    const offsets = rows.map((row) => Number(row['_offset']))
    const [first, last] = [offsets.filter((offset) => offset % 7 !== 0), offsets.filter((offset) => offset % 7 === 0)]
    expect(offsets).toEqual([...first, ...last])
    expect(rows.filter((row) => row['_rescued'] !== null)).toHaveLength(last.length)
  })

  it('too large for the plane are decoded as they are, up to where the unit is full', async () => {
    const large = { ...sound(0), value: `{${' '.repeat(12 * 1024 * 1024)}"event_type":"large"}` }
    const slabs = [slabOfRecords(0, 0, [sound(0), large, large, large, sound(1)]), slabOfRecords(0, 5, [sound(1)])]
    const fresh = new Engine()
    for (const limits of [{}, { decodedBytesMax: 26 * 1024 * 1024 }, { partitionsMax: 1 }])
      await both({ spec: byDay, slabs, limits }, new PlaneEncoder({ engine: fresh, limits }))
    expect(fresh.touchedBytes).toBeLessThan(16 * 1024 * 1024)
  })
})
